// A second click on a button does not send a form twice.

export function preventDoubleSubmits() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.sent) return event.preventDefault();
    form.sent = true;
    setTimeout(() => { form.sent = false; }, 3000);
  });
}
