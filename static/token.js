// The fields that show a token, a link or a snippet, and the buttons that work on them.

// enableTokenFields shows the copy and download buttons inside an element, which are hidden where no script runs, and
// lets the focus select a read-only field's whole text.
export function enableTokenFields(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-download]")) button.hidden = false;
  for (const field of root.querySelectorAll("textarea[readonly]")) {
    field.addEventListener("focus", () => field.select());
  }
}

// announce puts a sentence into the live region of the field's dialog or section. The region is emptied first, so that
// screen readers read the same sentence again.
export function announce(field, sentence, success) {
  const region = field.closest("dialog, section").querySelector("[data-announcement]");
  region.textContent = "";
  region.classList.toggle("success", success);
  setTimeout(() => { region.textContent = sentence; }, 50);
}
