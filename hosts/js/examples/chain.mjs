// A script that moves from host to host, and from language to language.
//
// chain start OUT         runs rich.lua until it waits for `ask`, and writes the snapshot to OUT
// chain go NAME IN OUT    answers the call that waits in IN, and writes the next snapshot to OUT, or prints the result
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { Lua } from "moonlet";

/** The words that follow the command: START's or GO's. */
function wordsOf() {
  try {
    const [command, ...words] = parseArgs({ allowPositionals: true }).positionals;
    if (words.length === { start: 1, go: 3 }[command]) return words;
  } catch {}
  console.error("usage: chain start OUT | chain go NAME IN OUT");
  process.exit(2);
}

const words = wordsOf();
const out = words.at(-1);
// Integers and floats come back as they went.
const lua = await Lua.create({ integers: "bigint" });
lua.define("ask");
let task;
if (words.length === 1) {
  task = lua.start(await readFile(new URL("../../programs/rich.lua", import.meta.url)), { name: "@rich.lua" });
} else {
  const [name, from] = words;
  lua.restore(new Uint8Array(await readFile(from)));
  [task] = lua.tasks;
  const [, ...values] = task.arguments;
  task.resume(name, ...values);
}
if (task.kind === "call") await writeFile(out, lua.snapshot());
else console.log(task.result);
