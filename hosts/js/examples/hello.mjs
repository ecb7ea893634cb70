import { readFile } from "node:fs/promises";

import { Lua } from "moonlet";

const source = await readFile(new URL("../../programs/hello.lua", import.meta.url));

const lua = await Lua.create();
console.log(lua.eval(source));
console.log(lua.call("greet", "world"));
