// Checks a receipt in the reader's browser, with the browser's own SHA-256. The same steps as
// meritbook/ledger/receipt.py:
// <div x-data="receipt" data-address="/receipts/7.json?inline=1"> with [data-step] for each step, in
// which [data-when] shows one state (wait, good, bad), and a [data-verdict] for each outcome.

const utf8 = new TextEncoder();

async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

function toHex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

// The value of the one line name=… of a text.
function field(text, name) {
  const found = text.split("\n").filter((line) => line.startsWith(`${name}=`));
  return found.length === 1 ? found[0].slice(name.length + 1) : undefined;
}

const STEPS = {
  async text(receipt, reached) {
    reached.leaf = await sha256(Uint8Array.of(0), utf8.encode(receipt.text));
    return toHex(reached.leaf) === receipt.leaf && field(receipt.text, "tx") === String(receipt.tx);
  },
  async path(receipt, reached) {
    let hash = reached.leaf;
    for (const step of receipt.path) {
      const neighbour = fromHex(step.hash);
      const pair = step.side === "left" ? [neighbour, hash] : [hash, neighbour];
      hash = await sha256(Uint8Array.of(1), ...pair);
    }
    return receipt.blocks.length > 0 && toHex(hash) === field(receipt.blocks[0].text, "root");
  },
  async blocks(receipt, reached) {
    let before;
    for (const block of receipt.blocks) {
      if (field(block.text, "company") !== field(receipt.text, "company")) return false;
      if (before !== undefined && field(block.text, "prev") !== before) return false;
      before = toHex(await sha256(utf8.encode(block.text)));
      if (before !== block.hash) return false;
    }
    reached.last = before;
    return before !== undefined;
  },
  async anchor(receipt, reached) {
    return receipt.anchor !== null && receipt.anchor.hash === reached.last;
  },
};

// One of the elements that share a place shows.
function show(elements, key, value) {
  for (const element of elements) element.hidden = element.dataset[key] !== value;
}

export function receipt() {
  return {
    button: {
      async ["@click"]() {
        const steps = [...this.$root.querySelectorAll("[data-step]")];
        const verdicts = this.$root.querySelectorAll("[data-verdict]");
        for (const step of steps) show(step.querySelectorAll("[data-when]"), "when", "wait");
        show(verdicts, "verdict", "");
        // Only pages that came over a safe connection, or from this machine, get the browser's SHA-256.
        if (globalThis.crypto?.subtle === undefined) return show(verdicts, "verdict", "unable");
        const answer = await fetch(this.$root.dataset.address, { cache: "no-store" });
        if (!answer.ok) return show(verdicts, "verdict", "unable");
        const found = await answer.json();
        const reached = {};
        let proven = true;
        for (const step of steps) {
          const good = proven && (await STEPS[step.dataset.step](found, reached).catch(() => false));
          show(step.querySelectorAll("[data-when]"), "when", good ? "good" : "bad");
          proven = good;
        }
        show(verdicts, "verdict", proven ? "good" : "bad");
      },
    },
  };
}
