// A status message that is there when the page loads is not read by screen readers, but one that changes is.

export function announceFlash() {
  const message = document.querySelector(".flash > span");
  if (message) setTimeout(() => message.replaceChildren(message.textContent), 100);
}
