import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { Lua } from "moonlet";

const source = await readFile(new URL("../../programs/host-calls.lua", import.meta.url));

const lua = await Lua.create({ onOutput: (text) => process.stdout.write(text) });
lua.define({
  add: (a, b) => a + b,
  lookup(name) {
    throw new RangeError(`no such name: ${name}`);
  },
  twice: (change, text) => change(change(text)),
  async later(value) {
    await sleep(10);
    return value;
  },
});
await lua.run(source);
