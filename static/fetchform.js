// A form marked data-fetch is sent without leaving the page, and the dialog of the answer replaces the form's.
import { adoptDialog, fetchPage } from "./fetchpage.js";
import { replaceDialog } from "./dialog.js";

export function watchFetchForms() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-fetch]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
}

async function send(form, button) {
  if (form.busy) return;
  form.busy = true;
  button?.setAttribute("aria-disabled", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    if (button?.name) body.append(button.name, button.value);
    const answer = await fetchPage(form.action, { method: "POST", body });
    const dialog = adoptDialog(answer.doc);
    if (answer.doc.querySelector("input[name=kept]")) askToSignIn(form);
    else if (answer.redirected) location.assign(answer.url);
    else if (dialog) replaceDialog(form.closest("dialog"), dialog);
    else showErrorPage(form.closest("dialog"), answer.doc);
  } catch {
    showError(form, "There is no connection to the server. " +
      "What you typed is kept; send it again when you are connected.");
  } finally {
    form.busy = false;
    button?.removeAttribute("aria-disabled");
  }
}

// showErrorPage shows the heading and the text of an error page inside the dialog, and a link to the page behind it.
function showErrorPage(dialog, doc) {
  const title = dialog.querySelector("h2");
  title.textContent = doc.querySelector("h1")?.textContent ?? "The server gave no answer that can be shown";
  const body = newElement("div", "dialog-body");
  body.setAttribute("role", "alert");
  for (const text of doc.querySelectorAll(".problem p")) body.append(document.adoptNode(text));
  const close = newElement("a", "button", "Close");
  close.href = dialog.dataset.back;
  const foot = newElement("div", "dialog-foot");
  foot.append(close);
  dialog.replaceChildren(title, body, foot);
  close.focus();
}

// askToSignIn says that the session has ended. Its link submits the form once more, as a navigation: the answer is the
// sign-in page, which carries what was typed.
function askToSignIn(form) {
  showError(form, "Your session has ended. Nothing was created, and what you typed is kept.");
  const link = newElement("a", "", "Sign in to go on");
  link.href = "/sign-in";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    form.submit();
  });
  form.querySelector(".summary p").append(" ", link);
}

// showError shows a sentence above the form's fields, and removes an earlier one.
function showError(form, sentence) {
  form.querySelector(".summary")?.remove();
  const summary = newElement("div", "summary");
  summary.setAttribute("role", "alert");
  summary.tabIndex = -1;
  form.querySelector(".dialog-body").prepend(summary);
  summary.append(newElement("p", "", sentence));
  summary.focus();
}

function newElement(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
