// A script that moves from host to host, and from language to language.
//
// chain start OUT [HOPS]  runs rich.lua until it waits for `ask`, and writes the snapshot to OUT; it waits HOPS times, 3 without
// chain go NAME IN OUT    answers the call that waits in IN, and writes the next snapshot to OUT, or prints the result
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { Lua } from "moonlet";

/** The words that follow the command: START's or GO's. */
function wordsOf() {
  try {
    const [command, ...words] = parseArgs({ allowPositionals: true }).positionals;
    if (command === "go" && words.length === 3) return { name: words[0], from: words[1], out: words[2] };
    const hops = Number(words[1] ?? 3);
    if (command === "start" && (words.length === 1 || words.length === 2) && hops >= 2) return { out: words[0], hops };
  } catch {}
  console.error("usage: chain start OUT [HOPS] | chain go NAME IN OUT");
  process.exit(2);
}

const { name, from, out, hops } = wordsOf();
// Integers and floats come back as they went.
const lua = await Lua.create({ integers: "bigint" });
lua.define("ask");
let task;
if (from === undefined) {
  task = lua.start(await readFile(new URL("../../programs/rich.lua", import.meta.url)), { name: "@rich.lua", args: [hops] });
} else {
  lua.restore(new Uint8Array(await readFile(from)));
  [task] = lua.tasks;
  const [, ...values] = task.arguments;
  task.resume(name, ...values);
}
if (task.kind === "call") await writeFile(out, lua.snapshot());
else console.log(task.result);
