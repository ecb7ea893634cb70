// A script that moves from host to host, and from language to language.
//
// chain start OUT         runs rich.lua until it waits for `ask`, and writes the snapshot to OUT
// chain go NAME IN OUT    answers the call that waits in IN, and writes the next snapshot to OUT, or prints the result
import { readFile, writeFile } from "node:fs/promises";

import { Lua } from "moonlet";

// Integers and floats come back as they went.
const lua = await Lua.create({ integers: "bigint" });
lua.define("ask");
const [command, ...rest] = process.argv.slice(2);
let task, out;
if (command === "start" && rest.length === 1) {
  [out] = rest;
  task = lua.start(await readFile(new URL("../../programs/rich.lua", import.meta.url)), { name: "@rich.lua" });
} else if (command === "go" && rest.length === 3) {
  const [name, from] = rest;
  out = rest[2];
  lua.restore(new Uint8Array(await readFile(from)));
  [task] = lua.tasks;
  const [, ...values] = task.arguments;
  task.resume(name, ...values);
} else {
  console.error("chain start OUT | chain go NAME IN OUT");
  process.exit(2);
}
if (task.kind === "call") await writeFile(out, lua.snapshot());
else console.log(task.result);
