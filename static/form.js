// Small comforts of ordinary forms: a second click sends nothing twice, and a filter applies when it is chosen.

export function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.sent) return event.preventDefault();
    form.sent = true;
    setTimeout(() => { form.sent = false; }, 3000);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filter]");
    if (!form || !event.target.matches("select")) return;
    form.action += "#" + event.target.id; // the new page gives the focus back
    form.requestSubmit();
  });
  if (location.hash) document.querySelector("form[data-filter] select" + location.hash)?.focus();
}
