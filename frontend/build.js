// Builds the style sheet, the script and the icon sprite into Django's static folder.
//
// Icons: every name written as {% icon "name" %}, icon="name" or icon: "name" in a
// template or Python file of the package goes into the sprite, so nobody keeps a list.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import tailwind from "@tailwindcss/postcss";
import { build } from "esbuild";
import postcss from "postcss";

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, "..");
const source = join(here, "src");
const output = join(project, "meritbook", "kit", "static", "build");
const iconFolder = join(dirname(createRequire(import.meta.url).resolve("lucide-static/package.json")), "icons");

async function buildStyle() {
  const from = join(source, "app.css");
  const css = await readFile(from, "utf8");
  const built = await postcss([tailwind({ base: project, optimize: { minify: true } })]).process(css, { from });
  await writeFile(join(output, "app.css"), built.css);
}

async function buildScript() {
  await build({
    entryPoints: [join(source, "app.js")],
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome100", "firefox100", "safari15"],
    legalComments: "none",
    outfile: join(output, "app.js"),
  });
}

async function* packageFiles(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || ["static", "__pycache__", "locale"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* packageFiles(path);
    else if (/\.(html|py)$/.test(entry.name)) yield path;
  }
}

const ICON = /(?:\{%\s*icon\s+|\bicon\s*=\s*|\bicon\|default:|\bicon["']?:\s*)["']([a-z0-9]+(?:-[a-z0-9]+)*)["']/g;

async function iconNames() {
  const names = new Map();
  for await (const path of packageFiles(join(project, "meritbook"))) {
    const text = await readFile(path, "utf8");
    for (const match of text.matchAll(ICON)) names.set(match[1], path);
  }
  return names;
}

async function buildIcons() {
  const symbols = [];
  const unknown = [];
  for (const [name, path] of [...(await iconNames())].sort()) {
    try {
      const svg = await readFile(join(iconFolder, `${name}.svg`), "utf8");
      const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`);
    } catch {
      unknown.push(`${name} (${path})`);
    }
  }
  if (unknown.length) throw new Error(`No such lucide icon: ${unknown.join(", ")}`);
  const head = '<svg xmlns="http://www.w3.org/2000/svg">';
  await writeFile(join(output, "icons.svg"), `${head}${symbols.join("")}</svg>\n`);
}

await mkdir(output, { recursive: true });
await Promise.all([buildStyle(), buildScript(), buildIcons()]);
