import type { App } from "../app.js";
import { doesTheSame } from "../bytecode/compare.js";
import { compilerOf } from "../bytecode/compile.js";
import { lua55 } from "../language/index.js";
import type { Version } from "../protocol.js";

/** What came of formatting: the text, or what is in its way. */
export interface Formatted {
  text?: string;
  fault?: string;
}

const PATIENCE = 20_000;
const ONLY_55: Record<string, string> = { GlobalDeclaration: "`global`", GlobalFunction: "`global function`" };

/** The first thing in a text that 5.4 does not have, which the formatter does not know. */
export function newIn(text: string): { what: string; line: number } | undefined {
  let found: { what: string; at: number } | undefined;
  lua55.parser.parse(text).iterate({
    enter({ name, from, node }) {
      const isPrefix = name === "Attribute" && node.prevSibling?.name !== "VariableDefinition";
      const isNamed = name === "VariableDefinition" && node.prevSibling?.name === "Ellipsis";
      const what = ONLY_55[name] ?? (isPrefix ? "an attribute before names" : isNamed ? "a name after `...`" : undefined);
      if (what && !found) found = { what, at: from };
    },
  });
  return found && { what: found.what, line: text.slice(0, found.at).split("\n").length };
}

let worker: Worker | undefined;

function ask(text: string): Promise<Formatted> {
  const asked = (worker ??= new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "stylua" }));
  return new Promise((resolve) => {
    const done = (formatted: Formatted, isBroken: boolean): void => {
      clearTimeout(timer);
      if (isBroken) {
        asked.terminate();
        worker = undefined;
      }
      resolve(formatted);
    };
    const timer = setTimeout(() => done({ fault: "The formatter took too long." }, true), PATIENCE);
    asked.onmessage = ({ data }: MessageEvent<Formatted>) => done(data, data.fault !== undefined);
    asked.onerror = () => done({ fault: "The formatter broke down on this file." }, true);
    asked.postMessage(text);
  });
}

/** Whether Lua makes the same of two texts. */
async function isEqual(version: Version, before: string, after: string): Promise<boolean> {
  const compile = await compilerOf(version);
  const [one, other] = [before, after].map((text) => compile(text.replace(/^#[^\n]*/, ""), "@file")[0]);
  return one !== undefined && other !== undefined && doesTheSame(one, other);
}

/** The part of a text that another one changes. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from++;
  let end = 0;
  while (end < shorter - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}

/** Lays the file that is seen out anew. */
export async function format(app: App): Promise<void> {
  const { view } = await app.editor.then((editor) => editor.load().then(() => editor));
  const before = view.state.doc.toString();
  const file = app.file;
  if (app.version === "5.5") {
    const found = newIn(before);
    if (found) return app.say(`The formatter, StyLua, knows Lua 5.4: line ${found.line} has ${found.what}, which is new in 5.5. Nothing was changed.`);
  }
  app.say("Formatting …");
  const { text, fault } = await ask(before);
  if (text === undefined) return app.say(`Not formatted: ${(fault ?? "").replace(/\s+/g, " ").trim()}`);
  if (!(await isEqual(app.version, before, text))) return app.say("Not formatted: what came of it would not do the same. The text is as it was.");
  if (app.file !== file || view.state.doc.toString() !== before) return app.say("Not formatted: the text was changed meanwhile.");
  if (text === before) return app.say("Formatted: it was so already.");
  view.dispatch({ changes: changeBetween(before, text), userEvent: "format" });
  return app.say("Formatted. Undo brings the former text back.");
}
