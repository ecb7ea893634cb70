import { readFile } from "node:fs/promises";

import { Lua } from "moonlet";

const source = await readFile(new URL("../../programs/pause.lua", import.meta.url));

const lua = await Lua.create({ slice: 10_000 });
const task = lua.start(source);
console.log(`${task.kind}, meanwhile 1 + 1 is ${lua.eval("return 1 + 1")}`);
let pauses = 0;
for (; task.kind === "paused"; task.resume()) pauses++;
console.log(`paused more than once: ${pauses > 1}`);
console.log(task.result);
