// Native dialogs, opened by data attributes; one shared confirmation for forms and htmx.

function ask(text, { detail = "", button = "", danger = false } = {}) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-confirm-title]").textContent = text;
  const detailLine = dialog.querySelector("[data-confirm-text]");
  detailLine.textContent = detail;
  detailLine.hidden = !detail;
  const yes = dialog.querySelector("[data-confirm-yes]");
  yes.textContent = button || yes.dataset.default;
  yes.classList.toggle("btn-error", danger);
  yes.classList.toggle("btn-primary", !danger);
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}

function optionsOf(element) {
  return {
    detail: element.dataset.confirmDetail,
    button: element.dataset.confirmButton,
    danger: element.dataset.confirmTone === "danger",
  };
}

export function watchDialogs(htmx) {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.openDialog)?.showModal();
      return;
    }
    if (event.target.closest("[data-close-dialog]")) {
      event.target.closest("dialog")?.close();
      return;
    }
    // A click on the dialog itself is a click beside its content.
    if (event.target instanceof HTMLDialogElement && event.target.dataset.dismissible !== undefined) {
      const area = event.target.getBoundingClientRect();
      const inside =
        event.clientX >= area.left && event.clientX <= area.right && event.clientY >= area.top && event.clientY <= area.bottom;
      if (!inside) event.target.close();
    }
  });

  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const asked = event.submitter?.dataset.confirm ? event.submitter : form;
      if (!asked.dataset.confirm || form.dataset.confirmed !== undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      if (!(await ask(asked.dataset.confirm, optionsOf(asked)))) return;
      form.dataset.confirmed = "";
      form.requestSubmit(submitter);
      delete form.dataset.confirmed;
    },
    true,
  );

  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    if (await ask(event.detail.question, optionsOf(event.detail.elt))) event.detail.issueRequest(true);
  });

  // What arrives in the side sheet opens it; its title is the first heading marked so.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "sheet-body") return;
    const sheet = document.getElementById("sheet");
    const title = event.detail.target.querySelector("[data-sheet-title]");
    if (title) sheet.querySelector(".sheet-title").textContent = title.dataset.sheetTitle;
    event.detail.target.scrollTop = 0;
    if (!sheet.open) sheet.showModal();
  });
}
