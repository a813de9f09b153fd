// A form marked data-fetch is sent in place, and the answer's dialog takes the place of the form's.
import { fetchPage, takeDialog } from "./page.js";
import { replace } from "./dialog.js";

export function watchCreate() {
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
    const answer = await fetchPage(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const dialog = takeDialog(answer.doc);
    if (answer.doc.querySelector("input[name=kept]")) askToSignIn(form);
    else if (answer.redirected) location.assign(answer.url);
    else if (dialog) replace(form.closest("dialog"), dialog);
    else refuse(form.closest("dialog"), answer.doc);
  } catch {
    complain(form, "There is no connection to the server. What you typed is kept; send it again when you are connected.");
  } finally {
    form.busy = false;
    button?.removeAttribute("aria-disabled");
  }
}

// refuse shows an error page's heading and text inside the dialog, with a link to the page behind it.
function refuse(dialog, doc) {
  const title = dialog.querySelector("h2");
  title.textContent = doc.querySelector("h1")?.textContent ?? "The server gave no answer that can be shown";
  const body = element("div", "dialog-body");
  body.setAttribute("role", "alert");
  for (const text of doc.querySelectorAll(".problem p")) body.append(document.adoptNode(text));
  const close = element("a", "button", "Close");
  close.href = dialog.dataset.back;
  const foot = element("div", "dialog-foot");
  foot.append(close);
  dialog.replaceChildren(title, body, foot);
  close.focus();
}

// askToSignIn says that the session has ended. Its link sends the form once more, without a fetch: the answer is the sign-in page,
// which keeps what was typed.
function askToSignIn(form) {
  complain(form, "Your session has ended. Nothing was created, and what you typed is kept.");
  const link = element("a", "", "Sign in to go on");
  link.href = "/sign-in";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    form.submit();
  });
  form.querySelector(".summary p").append(" ", link);
}

// complain puts a sentence above the form's fields, in place of what stood there.
function complain(form, sentence) {
  form.querySelector(".summary")?.remove();
  const summary = element("div", "summary");
  summary.setAttribute("role", "alert");
  summary.tabIndex = -1;
  form.querySelector(".dialog-body").prepend(summary);
  summary.append(element("p", "", sentence));
  summary.focus();
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
