// Buttons marked data-copy and data-download work on the field whose ID they name. They are hidden until this module
// shows them.

export function watchCopies() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-download]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy ?? button.dataset.download);
    if ("copy" in button.dataset) copy(field);
    else download(field);
  });
}

// showCopies shows the buttons inside an element, and lets a click into a read-only field select all of it.
export function showCopies(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-download]")) button.hidden = false;
  for (const field of root.querySelectorAll("textarea[readonly]")) {
    field.addEventListener("focus", () => field.select());
  }
}

async function copy(field) {
  if (await toClipboard(field)) say(field, "Copied", true);
  else say(field, "Not copied. The field is selected: copy it with the keyboard.", false);
}

// toClipboard works on plain http:// too, where navigator.clipboard does not exist: there the text is selected where it
// stands, because inside a modal dialog nothing outside it can be.
async function toClipboard(field) {
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

// say fills the live region beside the field. It is emptied first, so that the same word is read again.
function say(field, text, good) {
  const region = field.closest("dialog, section").querySelector("[data-said]");
  region.textContent = "";
  region.classList.toggle("good", good);
  setTimeout(() => { region.textContent = text; }, 50);
}

// download saves the field's text alone, without a line break at its end: programs that read the file into an HTTP header
// would refuse one there.
function download(field) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([field.value], { type: "text/plain" }));
  link.download = (fileName(field.dataset.name) || fileName(field.labels[0].textContent)) + ".txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  say(field, "Saved as a file", true);
}

// fileName keeps letters and digits of every script, and leaves out what any file system or a reader trips over;
// of some texts nothing is left, and the file is then named after the field.
export function fileName(text) {
  const name = text.normalize("NFC").replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, "-").replace(/\s+/g, " ");
  return [...name].slice(0, 60).join("").replace(/^[ .-]+|[ .-]+$/g, "");
}
