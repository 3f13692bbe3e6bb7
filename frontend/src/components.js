// Alpine components, registered by name because the content security policy forbids
// expressions in the page.

import { receipt } from "./receipt.js";

const YEAR = 60 * 60 * 24 * 365;

function setCookie(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

// A drop-down: <div x-data="menu"> <button x-bind="trigger"> <div x-bind="panel">
function menu() {
  return {
    open: false,
    trigger: {
      ["@click"]() {
        this.open = !this.open;
      },
      [":aria-expanded"]() {
        return String(this.open);
      },
    },
    panel: {
      ["x-show"]() {
        return this.open;
      },
      ["@click.outside"](event) {
        if (!this.$root.contains(event.target)) this.open = false;
      },
      ["@keydown.escape.window"]() {
        if (!this.open) return;
        this.open = false;
        this.$root.querySelector("button").focus();
      },
      ["@keydown.down.prevent"]() {
        this.step(1);
      },
      ["@keydown.up.prevent"]() {
        this.step(-1);
      },
    },
    step(by) {
      const items = [...this.$root.querySelectorAll(".menu-link")];
      const at = items.indexOf(document.activeElement);
      items[(at + by + items.length) % items.length]?.focus();
    },
  };
}

// Light, dark or the system's: kept in a cookie so that the server draws the first paint right.
function theme() {
  return {
    chosen: document.documentElement.dataset.theme ?? "system",
    choice: {
      ["@click"]() {
        this.chosen = this.$el.value;
        if (this.chosen === "system") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = this.chosen;
        setCookie("theme", this.chosen);
      },
      [":aria-pressed"]() {
        return String(this.chosen === this.$el.value);
      },
    },
  };
}

// A message that leaves by itself unless the pointer or the focus rests on it.
function toast() {
  return {
    timer: 0,
    init() {
      this.wait();
    },
    wait() {
      clearTimeout(this.timer);
      if (this.$root.dataset.stays === undefined) this.timer = setTimeout(() => this.$root.remove(), 6000);
    },
    card: {
      ["@mouseenter"]() {
        clearTimeout(this.timer);
      },
      ["@mouseleave"]() {
        this.wait();
      },
      ["@focusin"]() {
        clearTimeout(this.timer);
      },
      ["@focusout"]() {
        this.wait();
      },
    },
    close: {
      ["@click"]() {
        this.$root.remove();
      },
    },
  };
}

// A file field that shows what was chosen and how large it is.
function dropzone() {
  return {
    name: "",
    size: "",
    over: false,
    zone: {
      ["@dragover"]() {
        this.over = true;
      },
      ["@dragleave"]() {
        this.over = false;
      },
      ["@drop"]() {
        this.over = false;
      },
      [":class"]() {
        return this.over ? "is-over" : "";
      },
    },
    field: {
      ["@change"]() {
        const file = this.$el.files[0];
        this.name = file ? file.name : "";
        this.size = file ? `${(file.size / 1024).toLocaleString("zh-CN", { maximumFractionDigits: 1 })} KB` : "";
      },
    },
    chosen: {
      ["x-show"]() {
        return this.name !== "";
      },
    },
    waiting: {
      ["x-show"]() {
        return this.name === "";
      },
    },
  };
}

// A list with boxes to tick: the head's box ticks all, the bar counts them.
function ticks() {
  return {
    count: 0,
    boxes() {
      return [...this.$root.querySelectorAll("input[type=checkbox][data-tick]")];
    },
    all: {
      ["@change"]() {
        for (const box of this.boxes()) box.checked = this.$el.checked;
        this.recount();
      },
    },
    list: {
      ["@change"]() {
        this.recount();
      },
    },
    bar: {
      ["x-show"]() {
        return this.count > 0;
      },
    },
    recount() {
      this.count = this.boxes().filter((box) => box.checked).length;
    },
  };
}

// A password that can be shown.
function secret() {
  return {
    shown: false,
    field: {
      [":type"]() {
        return this.shown ? "text" : "password";
      },
    },
    toggle: {
      ["@click"]() {
        this.shown = !this.shown;
      },
      [":aria-pressed"]() {
        return String(this.shown);
      },
    },
  };
}

// A text that can be copied: <div x-data="copy" data-text="…"> <button x-bind="button">
function copy() {
  return {
    done: false,
    button: {
      async ["@click"]() {
        await navigator.clipboard.writeText(this.$root.dataset.text);
        this.done = true;
        setTimeout(() => (this.done = false), 2000);
      },
    },
    before: {
      ["x-show"]() {
        return !this.done;
      },
    },
    after: {
      ["x-show"]() {
        return this.done;
      },
    },
  };
}

export function registerComponents(Alpine) {
  const components = { menu, theme, toast, dropzone, ticks, secret, copy, receipt };
  for (const [name, component] of Object.entries(components)) Alpine.data(name, component);
}
