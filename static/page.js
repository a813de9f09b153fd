// Fetching a page to take a part of it.

// fetchPage resolves to { url, ok, status, redirected, doc } of the page that answers a request, whatever its status. It
// rejects when there is no answer. The header tells the server that a status message is to wait for the next page.
export async function fetchPage(url, init = {}) {
  const response = await fetch(url, {
    ...init,
    credentials: "same-origin",
    headers: { ...init.headers, Accept: "text/html", "Keyporter-Fetch": "dialog" },
  });
  const doc = new DOMParser().parseFromString(await response.text(), "text/html");
  return { url: response.url, ok: response.ok, status: response.status, redirected: response.redirected, doc };
}

// takeDialog moves a fetched page's dialog into this document, closed, or returns null when the page has none. The page's
// title goes with it.
export function takeDialog(doc) {
  const dialog = doc.querySelector("dialog");
  if (!dialog) return null;
  dialog.removeAttribute("open");
  dialog.pageTitle = doc.title;
  return document.adoptNode(dialog);
}
