// Modal dialogs. The dialog of a page becomes modal when the page loads. A link or GET form marked data-dialog opens
// the dialog of the page it leads to, without leaving this page.
import { nameTimeZone } from "./enddate.js";
import { adoptDialog, fetchPage } from "./fetchpage.js";
import { guardReveal } from "./reveal.js";
import { enableTokenFields } from "./token.js";

let fetching = false;

export function watchDialogs() {
  const dialog = document.querySelector("dialog[open]");
  if (dialog) {
    dialog.removeAttribute("open");
    showModal(dialog, () => location.assign(dialog.dataset.back));
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openDialog(link.href, link);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-cancel]")) {
      event.preventDefault();
      form.closest("dialog").close();
    } else if (form.matches("form[data-dialog]")) {
      event.preventDefault();
      openDialog(addressOf(form), event.submitter);
    }
  });
}

// addressOf returns the address that a GET form leads to with its present values.
function addressOf(form) {
  const url = new URL(form.action);
  url.search = new URLSearchParams(new FormData(form));
  return url.href;
}

// openDialog opens the dialog of the page at url. It navigates to a page that has none, or that cannot be fetched.
async function openDialog(url, opener) {
  if (fetching) return;
  fetching = true;
  try {
    const { doc, redirected } = await fetchPage(url);
    const dialog = redirected ? null : adoptDialog(doc);
    if (dialog) showInPlace(dialog, opener);
    else location.assign(url);
  } catch {
    location.assign(url);
  } finally {
    fetching = false;
  }
}

// showInPlace shows another page's dialog above this page. When it closes, the title and the focus return.
function showInPlace(dialog, opener) {
  dialog.opener = opener;
  dialog.previousTitle ??= document.title;
  document.body.append(dialog);
  showModal(dialog, () => {
    dialog.remove();
    document.title = dialog.previousTitle;
    opener?.focus();
  });
}

// replaceDialog closes an open dialog and shows another in its place.
export function replaceDialog(old, dialog) {
  old.removeEventListener("close", old.onClosed);
  old.close();
  old.remove();
  dialog.previousTitle = old.previousTitle;
  if (old.opener) return showInPlace(dialog, old.opener);
  // The old one belonged to this page, which has no other content: closing leads to the page behind it.
  document.body.append(dialog);
  showModal(dialog, () => location.assign(dialog.dataset.back));
}

// showModal calls onClosed when the dialog closes, except for one that reveals a token: guardReveal decides there.
function showModal(dialog, onClosed) {
  const reveal = dialog.matches("[data-reveal]");
  if (reveal) {
    guardReveal(dialog);
  } else {
    dialog.onClosed = onClosed;
    dialog.addEventListener("close", onClosed);
  }
  enableTokenFields(dialog);
  nameTimeZone(dialog);
  if (dialog.pageTitle) document.title = dialog.pageTitle;
  dialog.showModal();
  if (reveal) dialog.querySelector("textarea").select();
}
