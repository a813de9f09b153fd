// Screen readers do not read a status message that is part of the page when it loads, but read one that changes.

export function announceFlash() {
  const message = document.querySelector(".flash > span");
  if (message) setTimeout(() => message.replaceChildren(message.textContent), 100);
}
