// A button marked data-download saves the field whose ID it names as a text file.
import { announce } from "./token.js";

export function watchDownloadButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-download]");
    if (button) download(document.getElementById(button.dataset.download));
  });
}

// download saves the field's text without a line break at its end: a program that reads the file into an HTTP header
// would refuse one.
function download(field) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([field.value], { type: "text/plain" }));
  link.download = (fileName(field.dataset.name) || fileName(field.labels[0].textContent)) + ".txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  announce(field, "Saved as a file", true);
}

// fileName keeps the letters and digits of every script and leaves out what file systems treat specially. The result
// can be empty.
function fileName(text) {
  const name = text.normalize("NFC").replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, "-").replace(/\s+/g, " ");
  return [...name].slice(0, 60).join("").replace(/^[ .-]+|[ .-]+$/g, "");
}
