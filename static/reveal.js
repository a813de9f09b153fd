// The dialog that shows a token once. It closes by Done, which wants the ticked box; every other way out asks in a second
// dialog, which leads back or deletes the key. The token is blanked when the page is left, since a page that was left can
// come back.
import { fetchPage } from "./page.js";

export function guard(dialog) {
  const done = dialog.querySelector("[data-done]");
  const stored = done.querySelector("input[type=checkbox]");
  const button = done.querySelector("button");
  const question = dialog.querySelector("[data-ask]");
  const list = done.getAttribute("action");

  const leave = () => {
    window.removeEventListener("beforeunload", warn);
    document.removeEventListener("keydown", escape);
    blank(dialog);
    location.assign(list);
  };
  const warn = (event) => {
    event.preventDefault();
    event.returnValue = "";
  };
  const ask = () => {
    if (stored.checked) leave();
    else if (!question.open) question.showModal();
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (question.open) question.close();
    else ask();
  };
  const ticked = () => {
    button.disabled = !stored.checked;
  };

  window.addEventListener("beforeunload", warn);
  document.addEventListener("keydown", escape);
  window.addEventListener("pagehide", () => blank(dialog));
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    window.removeEventListener("beforeunload", warn);
    location.replace(list);
  });
  // A browser that knows no closedby sends cancel, but only for the first of two Escapes; close comes for the second.
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    ask();
  });
  dialog.addEventListener("close", () => {
    question.close();
    dialog.showModal();
    ask();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && outside(dialog, event)) ask();
  });
  done.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  guardQuestion(question, list, leave);
  stored.addEventListener("change", ticked);
  stored.checked = false;
  ticked();
}

// guardQuestion makes the question a dialog above the token's. It calls leave when the key is deleted; when it could not be,
// the question stays and says why.
function guardQuestion(question, list, leave) {
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

// deleteKey resolves to "" when the key is gone, and otherwise to why it may not be.
async function deleteKey(form, list) {
  try {
    const answer = await fetchPage(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const arrived = answer.redirected && new URL(answer.url).pathname;
    if (arrived === list || answer.status === 404) return "";
    if (arrived) return "The key was not deleted: you are signed out. Go back and store the key, or sign in again and delete it from the list.";
    const reason = answer.doc.querySelector(".problem p")?.textContent ?? "It was changed meanwhile. Delete it from the list.";
    return "The key was not deleted. " + reason;
  } catch {
    return "There is no connection to the server, so the key may still exist. Try again, or go back and store it.";
  }
}

function showFailure(question, sentence) {
  const failure = question.querySelector("[data-failed]");
  failure.hidden = !sentence;
  failure.textContent = sentence;
}

function blank(dialog) {
  for (const field of dialog.querySelectorAll("[data-secret]")) {
    field.value = "";
    field.textContent = "";
  }
}

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
