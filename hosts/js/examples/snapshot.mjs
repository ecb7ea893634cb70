import { readFile } from "node:fs/promises";

import { Lua } from "moonlet";

const source = await readFile(new URL("../../programs/snapshot.lua", import.meta.url));

const first = await Lua.create();
first.define("ask");
const asked = first.start(source);
console.log(`asked: ${asked.arguments[0]}`);
const bytes = first.snapshot();
first.close();
console.log("the snapshot is taken, the first instance closed");

const second = await Lua.create();
second.restore(bytes);
const [task] = second.tasks;
for (const answer of ["Arthur", "the grail"]) {
  console.log(`asked: ${task.arguments[0]}`);
  task.resume(answer);
}
console.log(task.result);
