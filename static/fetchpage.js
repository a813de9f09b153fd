// Fetching a page to use a part of it.

// fetchPage resolves to { url, status, redirected, doc } of the answer, whatever its status. It rejects when there is
// no answer. Its request header Keyporter-Fetch makes the server keep a flash message for the next page that is shown
// whole.
export async function fetchPage(url, init = {}) {
  const response = await fetch(url, {
    ...init,
    credentials: "same-origin",
    headers: { ...init.headers, Accept: "text/html", "Keyporter-Fetch": "dialog" },
  });
  const doc = new DOMParser().parseFromString(await response.text(), "text/html");
  return { url: response.url, status: response.status, redirected: response.redirected, doc };
}

// adoptDialog moves a fetched page's dialog into this document, closed and with the page's title as pageTitle. It
// returns null when the page has no dialog.
export function adoptDialog(doc) {
  const dialog = doc.querySelector("dialog");
  if (!dialog) return null;
  dialog.removeAttribute("open");
  dialog.pageTitle = doc.title;
  return document.adoptNode(dialog);
}
