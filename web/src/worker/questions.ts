import { Lua, type LuaOptions } from "moonlet";

import type { Comparison, Question, Questions } from "../protocol.js";
import { Inside } from "./inside.js";
import type { Machine } from "./machine.js";

/** Globals that two states are compared by, at most. */
const LOOKED = 5000;

/** Answers what the page asks. */
export async function answer(machine: Machine, question: Question, argument: unknown): Promise<unknown> {
  const { inside, lua, options } = machine;
  switch (question) {
    case "children": {
      const { id, from } = argument as Questions["children"]["argument"];
      return inside.children(id, from);
    }
    case "globals":
      return inside.globals((argument as Questions["globals"]["argument"]).all);
    case "where":
      return inside.where();
    case "files":
      return [...lua.files.sizes()];
    case "file":
      return lua.files.get(argument as string);
    case "check":
      return inside.checkStatement(argument as string);
    case "complete":
      return inside.complete(argument as string);
    case "dump":
      return dump(options, argument as Questions["dump"]["argument"]);
    case "compare": {
      const { before, after } = argument as Questions["compare"]["argument"];
      return compare(await flatten(options, before), await flatten(options, after));
    }
  }
}

/** The bytes that a chunk is compiled to. */
async function dump(options: LuaOptions, { source, name, strip }: Questions["dump"]["argument"]): Promise<unknown> {
  const lua = await Lua.create({ ...options, strings: "bytes" });
  try {
    return lua.eval("local source, name, strip = ... return string.dump(assert(load(source, name, 't')), strip)", {
      args: [source, name, strip],
    });
  } finally {
    lua.close();
  }
}

/** What the globals of a snapshot reach. */
async function flatten(options: LuaOptions, snapshot: Uint8Array): Promise<[string, string][]> {
  const lua = await Lua.create(options);
  try {
    lua.restore(snapshot);
    return new Inside(lua).flatten(LOOKED);
  } finally {
    lua.close();
  }
}

function compare(before: [string, string][], after: [string, string][]): Comparison {
  const [old, now] = [new Map(before), new Map(after)];
  const entries: Comparison["entries"] = [];
  for (const [path, text] of old) {
    const other = now.get(path);
    if (other === undefined) entries.push({ path, before: text });
    else if (other !== text) entries.push({ path, before: text, after: other });
  }
  for (const [path, text] of now) if (!old.has(path)) entries.push({ path, after: text });
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { entries: entries.slice(0, 500), isCut: entries.length > 500 || before.length >= LOOKED || after.length >= LOOKED };
}
