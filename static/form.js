// Small comforts of ordinary forms: a second click sends nothing twice, and a filter applies when it is chosen: with the
// keyboard at Enter, because there each step towards a choice is one.

export function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.sent) return event.preventDefault();
    form.sent = true;
    setTimeout(() => { form.sent = false; }, 3000);
  });
  let keys = false;
  document.addEventListener("pointerdown", () => { keys = false; }, true);
  document.addEventListener("keydown", (event) => {
    keys = true;
    if (event.key === "Enter") apply(event.target);
  }, true);
  document.addEventListener("change", (event) => { if (!keys) apply(event.target); });
  if (location.hash) document.querySelector("form[data-filter] select" + location.hash)?.focus();
}

function apply(choice) {
  const form = choice.closest("form[data-filter]");
  if (!form || !choice.matches("select")) return;
  form.action += "#" + choice.id; // the new page gives the focus back
  form.requestSubmit();
}
