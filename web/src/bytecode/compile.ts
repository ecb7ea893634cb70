import type { Lua } from "moonlet";

import type { Version } from "../protocol.js";
import { moduleOf } from "../session.js";

const COMPILE = "return function(source, name) local f, message = load(source, name, 't') return f and string.dump(f), message end";

/** Answers the precompiled chunk of a source, or a message. */
export type Compile = (source: string, name: string) => [Uint8Array | undefined, Uint8Array | undefined];

const compilers = new Map<Version, Promise<Compile>>();

/** A Lua of its own that compiles and runs nothing, so that the state of the page is not touched. */
export function compilerOf(version: Version): Promise<Compile> {
  const known = compilers.get(version);
  if (known) return known;
  const made = Promise.all([import("moonlet"), moduleOf(version)]).then(async ([moonlet, module]) => {
    const lua: Lua = await moonlet.Lua.create({ module, strings: "bytes", libraries: ["base", "string"] });
    return lua.eval(COMPILE) as unknown as Compile;
  });
  made.catch(() => compilers.delete(version));
  compilers.set(version, made);
  return made;
}
