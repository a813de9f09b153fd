// The dialog that shows a token once. Done, which needs the ticked box, closes it. Every other way to close it opens a
// second dialog, which leads back or deletes the key. The token is cleared when the page is left, because the browser's
// Back button may show a page again.
import { fetchPage } from "./fetchpage.js";

export function guardReveal(dialog) {
  const done = dialog.querySelector("[data-done]");
  const stored = done.querySelector("input[type=checkbox]");
  const button = done.querySelector("button");
  const question = dialog.querySelector("[data-ask]");
  const list = done.getAttribute("action");

  const leave = () => {
    window.removeEventListener("beforeunload", warn);
    document.removeEventListener("keydown", onEscape);
    clearSecrets(dialog);
    location.assign(list);
  };
  const warn = (event) => {
    event.preventDefault();
    event.returnValue = "";
  };
  const tryToLeave = () => {
    if (stored.checked) leave();
    else if (!question.open) question.showModal();
  };
  const onEscape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (question.open) question.close();
    else tryToLeave();
  };
  const updateButton = () => {
    button.disabled = !stored.checked;
  };

  window.addEventListener("beforeunload", warn);
  document.addEventListener("keydown", onEscape);
  window.addEventListener("pagehide", () => clearSecrets(dialog));
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    window.removeEventListener("beforeunload", warn);
    location.replace(list);
  });
  // A browser without closedby sends cancel, but only for the first of two Escapes; for the second it sends close.
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    tryToLeave();
  });
  dialog.addEventListener("close", () => {
    question.close();
    dialog.showModal();
    tryToLeave();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && isOutside(dialog, event)) tryToLeave();
  });
  done.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  prepareQuestion(question, list, leave);
  stored.addEventListener("change", updateButton);
  stored.checked = false;
  updateButton();
}

// prepareQuestion closes the second dialog until it is needed, and makes its buttons work. It calls leave when the
// key is deleted; otherwise the dialog stays open and says why.
function prepareQuestion(question, list, leave) {
  const form = question.querySelector("[data-delete]");
  const keep = question.querySelector("[data-keep]");
  question.removeAttribute("open");
  question.addEventListener("close", () => showFailure(question, ""));
  keep.hidden = false;
  keep.addEventListener("click", () => question.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.busy) return;
    form.busy = true;
    showFailure(question, "");
    const failure = await deleteKey(form, list);
    form.busy = false;
    if (failure) showFailure(question, failure);
    else leave();
  });
}

// deleteKey resolves to "" when the key is deleted, and otherwise to a sentence that says why it may not be.
async function deleteKey(form, list) {
  try {
    const answer = await fetchPage(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const target = answer.redirected && new URL(answer.url).pathname;
    if (target === list || answer.status === 404) return "";
    if (target) {
      return "The key was not deleted: you are signed out. " +
        "Go back and store the key, or sign in again and delete it from the list.";
    }
    const reason = answer.doc.querySelector(".problem p")?.textContent;
    return "The key was not deleted. " + (reason ?? "It was changed meanwhile. Delete it from the list.");
  } catch {
    return "There is no connection to the server, so the key may still exist. Try again, or go back and store it.";
  }
}

function showFailure(question, sentence) {
  const failure = question.querySelector("[data-failed]");
  failure.hidden = !sentence;
  failure.textContent = sentence;
}

function clearSecrets(dialog) {
  for (const field of dialog.querySelectorAll("[data-secret]")) {
    field.value = "";
    field.textContent = "";
  }
}

function isOutside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
