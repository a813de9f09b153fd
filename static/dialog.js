// Dialogs above the page. A page's own dialog is lifted on load; links and GET forms marked data-dialog bring theirs
// here instead of leading away.
import { fetchPage, takeDialog } from "./page.js";
import { showCopies } from "./copy.js";
import { guard } from "./reveal.js";

let busy = false;

export function watchDialogs() {
  const own = document.querySelector("dialog[open]");
  if (own) {
    own.removeAttribute("open");
    show(own, () => location.assign(own.dataset.back));
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    bring(link.href, link);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-cancel]")) {
      event.preventDefault();
      form.closest("dialog").close();
    } else if (form.matches("form[data-dialog]")) {
      event.preventDefault();
      bring(addressOf(form), event.submitter);
    }
  });
}

// addressOf is where a GET form leads with what is filled in.
function addressOf(form) {
  const url = new URL(form.action);
  url.search = new URLSearchParams(new FormData(form));
  return url.href;
}

// bring shows the dialog of the page at an address, and gives the focus back to the opener when it closes. A page
// without a dialog is gone to.
async function bring(url, opener) {
  if (busy) return;
  busy = true;
  try {
    const { doc, redirected } = await fetchPage(url);
    const dialog = redirected ? null : takeDialog(doc);
    if (dialog) showInPlace(dialog, opener);
    else location.assign(url);
  } catch {
    location.assign(url);
  } finally {
    busy = false;
  }
}

// showInPlace shows a dialog that belongs to another page, until it is closed.
export function showInPlace(dialog, opener) {
  dialog.opener = opener;
  dialog.behind ??= document.title;
  document.body.append(dialog);
  show(dialog, () => {
    dialog.remove();
    document.title = dialog.behind;
    opener?.focus();
  });
}

// replace puts another dialog in the place of one that was shown in place or as a page's own.
export function replace(old, dialog) {
  old.removeEventListener("close", old.leave);
  old.close();
  old.remove();
  dialog.behind = old.behind;
  if (old.opener) showInPlace(dialog, old.opener);
  else { // a page's own: behind it there is nothing but a heading
    document.body.append(dialog);
    show(dialog, () => location.assign(dialog.dataset.back));
  }
}

function show(dialog, leave) {
  if (dialog.matches("[data-reveal]")) {
    guard(dialog);
  } else {
    dialog.leave = leave;
    dialog.addEventListener("close", leave);
  }
  showCopies(dialog);
  if (dialog.pageTitle) document.title = dialog.pageTitle;
  dialog.showModal();
  if (dialog.matches("[data-reveal]")) dialog.querySelector("textarea").select();
}
