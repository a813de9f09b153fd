// The menus of the frame close on Escape, and when something outside of them is clicked. Other <details> stay open.
const openMenus = "details:is(.menu, .switcher)[open]";

export function watchMenus() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const details = event.target.closest?.(openMenus);
    if (!details) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    for (const details of document.querySelectorAll(openMenus)) {
      if (!details.contains(event.target)) details.open = false;
    }
  });
}
