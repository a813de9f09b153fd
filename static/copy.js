// A button marked data-copy copies the field whose ID it names.
import { announce } from "./token.js";

export function watchCopyButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(document.getElementById(button.dataset.copy));
  });
}

async function copy(field) {
  if (await writeToClipboard(field)) announce(field, "Copied", true);
  else announce(field, "Not copied. The field is selected: copy it with the keyboard.", false);
}

// writeToClipboard resolves to whether the text was copied. It works on plain http:// too, where navigator.clipboard
// does not exist. There it selects the text in its field: while a modal dialog is open, nothing outside of it can be
// selected.
async function writeToClipboard(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    field.setSelectionRange(0, field.value.length);
    return document.execCommand("copy");
  }
}
