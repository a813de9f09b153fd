// A select in a form marked data-filter submits the form when it changes. With the keyboard it does so at Enter,
// because each arrow key changes the value.

export function watchFilters() {
  let keyboard = false;
  document.addEventListener("pointerdown", () => { keyboard = false; }, true);
  document.addEventListener("keydown", (event) => {
    keyboard = true;
    if (event.key === "Enter") submitFilter(event.target);
  }, true);
  document.addEventListener("change", (event) => { if (!keyboard) submitFilter(event.target); });
  if (location.hash) document.querySelector("form[data-filter] select" + location.hash)?.focus();
}

function submitFilter(select) {
  const form = select.closest("form[data-filter]");
  if (!form || !select.matches("select")) return;
  form.action += "#" + select.id; // the next page gives the focus back
  form.requestSubmit();
}
