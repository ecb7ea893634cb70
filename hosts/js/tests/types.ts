// What the types say, checked by the compiler alone (tests/package.test.mjs).
import { Lua, LuaError, LuaFunction, Results, type LuaOptions, type LuaTable, type Task } from "moonlet";
import { Lua as Lua55 } from "moonlet/lua55";
import { Lua as LuaInline } from "moonlet/inline";

const options: LuaOptions = { memory: 1 << 20, libraries: ["base"], strings: "text", input: async () => null };
const lua: Lua = await Lua.create(options);
const other: Lua = await Lua55.create({ module: new URL("https://example.org/lua55.wasm") });
const inline: Lua = await LuaInline.create();

const number: number = lua.eval<number>("return 1");
const unknown: unknown = lua.eval("return 1", { name: "=x", args: [1, "a", [null]] });
const several: Results<number> = lua.call<Results<number>>("f", 1);
const later: Promise<string> = lua.run<string>("return ''", { signal: AbortSignal.timeout(5) });
const called: Promise<number> = lua.callAsync<number>("f", [1], { signal: AbortSignal.timeout(5) });
lua.define("f", (a: number, b: string) => a + b);
lua.define("f", async () => 1);
lua.define("ask");
lua.define({ f: () => 1, net: { get: async (url: string) => url } });
const f = lua.get<LuaFunction>("print");
const answer: string = f(1, "x");
if (unknown instanceof LuaFunction) unknown.release();
const table: LuaTable = lua.ref("game");
table["score"] = 5;
table[1] = "a";
const date: Date = lua.reference(new Date(), { members: ["getTime"] });
const task: Task = lua.start("return ask()");
const result: unknown = task.resume(1).result;
const bytes: Uint8Array = lua.snapshot({ compact: false });
other.restore(bytes);
try {
  lua.eval("error()");
} catch (error) {
  if (error instanceof LuaError && error.kind === "exit") console.log(error.status, error.line?.toFixed());
}
{
  using scoped = await lua.fork();
  scoped.files.set("a.txt", "text").set("b.bin", new Uint8Array(2));
  for (const [name, contents] of scoped.files) console.log(name.length + contents.length);
}

// @ts-expect-error a word that is no option
await Lua.create({ memroy: 5 });
// @ts-expect-error a library that there is not
await Lua.create({ libraries: ["strings"] });
// @ts-expect-error a source is a text or bytes
lua.eval(5);
// @ts-expect-error what is called is a path or a function of Lua
lua.call({});
// @ts-expect-error only objects go by reference
lua.reference(5);
// @ts-expect-error states are made by create
new Lua();

export { number, several, later, called, answer, date, result, inline };
