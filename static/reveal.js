// The dialog that shows a token once. It closes by Done, which wants the ticked box, or by the button that discards the
// token; everything else asks. The token is blanked when the page is left, since a page that was left can come back.

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
    if (stored.checked) return leave();
    question.hidden = true;
    requestAnimationFrame(() => {
      question.hidden = false;
      question.scrollIntoView({ block: "nearest" });
    });
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    ask();
  };
  const ticked = () => {
    button.disabled = !stored.checked;
    if (stored.checked) question.hidden = true;
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
  dialog.querySelector("[data-discard]").addEventListener("click", leave);
  stored.addEventListener("change", ticked);
  stored.checked = false;
  ticked();
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
