import { readFile } from "node:fs/promises";

import { Lua } from "moonlet";

const source = await readFile(new URL("../../programs/errors.lua", import.meta.url));

const lua = await Lua.create({ memory: 8 << 20 });
lua.eval(source, { name: "@errors.lua" });
const show = {
  "return 1 +": () => {},
  "index({})": ({ chunk, line, traceback }) =>
    console.log(`at ${chunk}, line ${line}, the traceback names function 'index': ${traceback.includes("in function 'index'")}`),
  "refuse()": ({ value }) => console.log(`code ${value.code}, reason ${value.reason}`),
  "fill()": () => {},
};
for (const [input, tell] of Object.entries(show)) {
  try {
    lua.eval(input, { name: "=input" });
  } catch (error) {
    console.log(`${error.kind}: ${error.message}`);
    tell(error);
  }
}
console.log(lua.eval("return 2 + 2"));
