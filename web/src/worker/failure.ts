import { LuaError } from "moonlet";

import type { Failure } from "../protocol.js";

/** Lines at the end of a traceback that are the page's own: what calls the script. */
const OWN = /\n\t(?:playground:\d+: in [^\n]*|\(\.\.\.tail calls\.\.\.\)|\[C\]: in \?)$/;

/** A traceback without the calls that brought the script up. */
function trim(traceback: string | undefined): string | undefined {
  let text = traceback;
  while (text && OWN.test(text)) text = text.replace(OWN, "");
  return text?.includes("\n") ? text : undefined;
}

/** The place that a message of Lua begins with, as `main.lua:3:`. */
function placeOf(message: string): { file: string; line: number } | undefined {
  const found = /^(?:\.\/)?([^\n:]+):(\d+): /.exec(message);
  return found ? { file: found[1]!, line: Number(found[2]) } : undefined;
}

/** The first line of a file in a traceback. */
function firstPlace(traceback: string | undefined): { file: string; line: number } | undefined {
  for (const [, file, line] of traceback?.matchAll(/\n\t(?:\.\/)?([^\n:[]+):(\d+): in /g) ?? []) {
    if (file !== "playground") return { file: file!, line: Number(line) };
  }
  return undefined;
}

/** Characters of a message that the page shows. */
const MOST = 5000;

function cut(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}… (${text.length.toLocaleString("en")} characters)` : text;
}

/** An error as the page shows it. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof LuaError)) return { kind: "page", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  const traceback = trim(error.traceback);
  const known = error.chunk && error.line !== undefined ? { file: error.chunk.replace(/^\.\//, ""), line: error.line } : undefined;
  const place = placeOf(error.message) ?? (known?.file === "playground" ? undefined : known) ?? firstPlace(traceback);
  return { kind: error.kind, message: cut(error.message), ...place, traceback };
}

/** A message of `load` as the page shows it. */
export function syntaxFailure(message: string): Failure {
  return { kind: "syntax", message: cut(message), ...placeOf(message) };
}
