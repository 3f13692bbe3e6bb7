// What every page does: progress mark, keyboard, double-submit guard, messages.

const GO = { h: "/", b: "/boards/", w: "/wallet/", r: "/rules/", e: "/events/", p: "/people/" };

function typing(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

function watchKeyboard() {
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search?.offsetParent) {
        event.preventDefault();
        search.focus();
      }
    }
    if (before === "g" && GO[event.key]) location.assign(GO[event.key]);
    before = event.key;
  });
}

function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.dataset.again !== undefined) return;
    // After the browser has read the form: the pressed button's own value must still be sent.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
        button.disabled = true;
        button.setAttribute("aria-busy", "true");
      }
    });
  });
  // The page that comes back from the browser's memory must be usable again.
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button[aria-busy]")) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.dataset.submits !== undefined) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
}

function watchRequests() {
  const bar = document.querySelector(".loading-bar");
  let running = 0;
  const count = (by) => {
    running = Math.max(0, running + by);
    bar?.classList.toggle("busy", running > 0);
  };
  document.addEventListener("htmx:beforeSend", () => count(1));
  document.addEventListener("htmx:afterRequest", () => count(-1));
  for (const name of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(name, () => showTemplateToast("toast-offline"));
  }
}

function showTemplateToast(id) {
  const template = document.getElementById(id);
  const toasts = document.getElementById("toasts");
  if (template && toasts && !toasts.querySelector(`[data-from="${id}"]`)) {
    const card = template.content.firstElementChild.cloneNode(true);
    card.dataset.from = id;
    toasts.append(card);
  }
}

// A strip wider than the phone begins where the reader is.
function showCurrentTabs() {
  for (const strip of document.querySelectorAll(".tab-strip")) {
    const tab = strip.querySelector("[aria-current]");
    if (!tab || strip.scrollWidth <= strip.clientWidth) continue;
    const off = tab.getBoundingClientRect().left - strip.getBoundingClientRect().left;
    strip.scrollLeft += off - (strip.clientWidth - tab.offsetWidth) / 2;
  }
}

export function watchPage() {
  showCurrentTabs();
  watchKeyboard();
  watchForms();
  watchRequests();
}
