// An open <details> closes on Escape, and when something outside of it is clicked.

export function watchMenus() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const details = event.target.closest?.("details[open]");
    if (!details) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    for (const details of document.querySelectorAll("details[open]")) {
      if (!details.contains(event.target)) details.open = false;
    }
  });
}
