import { readFile } from "node:fs/promises";

import { Lua } from "moonlet";

const source = await readFile(new URL("../../programs/hostile.lua", import.meta.url));

const lua = await Lua.create({ memory: 8 << 20, fuel: 10_000_000 });
lua.eval(source);
for (const name of ["spin", "fill", "match", "recurse"]) {
  try {
    lua.call(name);
  } catch (error) {
    console.log(`${name}: ${error.kind}`);
  }
}
console.log(lua.eval("return 2 + 2"));
