// Projects that come and go: as zip archives, as single files, as links.
import type { App } from "../app.js";
import { h } from "../dom.js";
import type { Keeper } from "./keeper.js";
import { faultOf } from "./names.js";
import { notify } from "./notice.js";
import { fragmentOf, ShareError } from "./share.js";
import { ArchiveError, archiveOf, filesIn, textOf, type Imported } from "./zip.js";
import "./exchange.css";

/** Links up to here are taken by chats and mail as a rule. */
const SAFE_LENGTH = 8000;

function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  h("a", { href: url, download: name }).click();
  // The browser has taken the address by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Hands the project over as a zip archive. */
export function exportFiles(app: App): void {
  download("moonlet.zip", archiveOf(app.files.entries()));
}

async function filesOf(file: File): Promise<Imported> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (file.name.toLowerCase().endsWith(".zip")) return filesIn(bytes);
  const fault = faultOf(file.name);
  const text = textOf(bytes);
  if (fault !== undefined || text === undefined) return { files: [], left: [`${file.name}: ${fault ?? "It is no text in UTF-8."}`] };
  return { files: [[file.name, text]], left: [] };
}

/** Takes files of the user's disk into the project, in the place of those of the same names. */
export async function importFiles(app: App, list: Iterable<File>): Promise<void> {
  const files = new Map<string, string>();
  const left: string[] = [];
  try {
    for (const file of list) {
      const found = await filesOf(file);
      for (const [name, text] of found.files) files.set(name, text);
      left.push(...found.left);
    }
  } catch (error) {
    notify(error instanceof ArchiveError ? `${error.message} Nothing was imported.` : "The file could not be read. Nothing was imported.", "bad");
    return;
  }
  const replaced = [...files.keys()].filter((name) => app.files.get(name) !== undefined);
  const before = app.files.entries();
  const editor = await app.editor;
  for (const [name, text] of files) {
    editor.forget(name);
    app.files.set(name, text);
  }
  const first = files.has("main.lua") ? "main.lua" : [...files.keys()][0];
  app.open(first ?? app.file);
  const parts = [`Imported ${files.size === 1 ? "one file" : `${files.size} files`}.`];
  if (replaced.length > 0) parts.push(`Replaced: ${replaced.join(", ")}.`);
  if (left.length > 0) parts.push(`Left out: ${left.join(" ")}`);
  const undo = {
    title: "Undo",
    run() {
      for (const name of files.keys()) editor.forget(name);
      app.files.replace(before);
      app.open(before.some(([name]) => name === app.file) ? app.file : before[0]![0]);
    },
  };
  notify(parts.join(" "), left.length > 0 ? "bad" : "plain", files.size > 0 ? [undo] : []);
}

/** Asks for files of the user's disk. */
export function chooseFiles(app: App): void {
  const input = h("input", { type: "file", multiple: true, accept: ".zip,.lua,.txt,.json,.csv,.md,text/*" });
  input.addEventListener("change", () => void importFiles(app, input.files ?? []));
  input.click();
}

async function copy(text: string, field: HTMLInputElement | HTMLTextAreaElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed here: the text is chosen, so that a key copies it.
    field.select();
    return false;
  }
}

/** Shows the project's link, and how it stands in other pages. */
async function shareDialog(keeper: Keeper): Promise<void> {
  const run = h("input", { type: "checkbox" });
  const embed = h("input", { type: "checkbox" });
  const link = h("textarea", { readOnly: true, rows: 4, "aria-label": "Link" });
  const said = h("p", { class: "faint", role: "status" });
  const show = async (): Promise<void> => {
    const fragment = await fragmentOf(keeper.project, { run: run.checked, embed: embed.checked });
    const address = `${location.origin}${location.pathname}${fragment}`;
    link.value = embed.checked ? `<iframe src="${address}" width="100%" height="420" loading="lazy" title="Lua"></iframe>` : address;
    const length = `${link.value.length.toLocaleString("en")} characters.`;
    said.textContent = link.value.length > SAFE_LENGTH ? `${length} Some chats and mail programs cut links so long; send a zip there.` : `${length} The project is in the link itself and is sent to no server.`;
  };
  await show();
  run.addEventListener("change", () => void show());
  embed.addEventListener("change", () => void show());
  const dialog = h(
    "dialog",
    { class: "limits share", "aria-label": "Share" },
    h(
      "form",
      { method: "dialog" },
      h("h2", {}, "Share"),
      link,
      h("label", { class: "check" }, run, h("span", {}, "Runs as soon as it is opened")),
      h("label", { class: "check" }, embed, h("span", {}, "As a frame for another page")),
      said,
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            type: "button",
            class: "primary",
            onclick: async () => {
              const isCopied = await copy(link.value, link);
              said.textContent = isCopied ? "Copied." : "The browser lets nothing be copied here: press Ctrl+C, or ⌘C, now.";
            },
          },
          "Copy",
        ),
        h("button", { type: "submit" }, "Close"),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  link.select();
}

/** Offers the project as a link. */
export async function share(keeper: Keeper): Promise<void> {
  try {
    await shareDialog(keeper);
  } catch (error) {
    notify(error instanceof ShareError ? error.message : "The browser cannot make the link.", "bad");
  }
}
