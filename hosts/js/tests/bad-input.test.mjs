import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";

import { Lua, LuaRefusedError } from "moonlet";

const bytes = await readFile(new URL("../dist/lua54.wasm", import.meta.url));

test("an option that is none, or has no such value, is an error that names it", async () => {
  const cases = [
    [{ memroy: 5 }, /memroy is no option/], [{ memory: -1 }, /memory/], [{ memory: "5" }, /memory/], [{ fuel: 1.5 }, /fuel/], [{ fuel: NaN }, /fuel/],
    [{ strings: "utf8" }, /"text" or "bytes"/], [{ integers: 64 }, /"number" or "bigint"/], [{ nulls: 1 }, /boolean/], [{ seed: -1 }, /seed/], [{ seed: 2n ** 64n }, /seed/],
    [{ seed: 1.5 }, /seed/], [{ libraries: "string" }, /array/], [{ libraries: ["strings"] }, /strings is no library/], [{ onOutput: "x" }, /onOutput/],
    [{ clock: "now" }, /clock/], [{ timeZone: {} }, /timeZone/], [{ input: 5 }, /input/], [{ input: null }, /input/],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(Lua.create(options), (error) => error instanceof TypeError && message.test(error.message), JSON.stringify(Object.keys(options)));
  }
  await assert.rejects(Lua.create({ timeZone: "Europe/Berlin" }), { kind: "refused", message: /TZ string/ });
  await assert.rejects(Lua.create({ timeZone: 5000 }), { kind: "refused" });
  const lua = await Lua.create({ clock: () => NaN });
  assert.throws(() => lua.eval("return 1"), { name: "TypeError", message: /clock/ });
});

test("a module may come compiled, as bytes, as a response or a promise of one, or by its URL", async () => {
  const url = new URL("../dist/lua54.wasm", import.meta.url);
  const response = (type) => new Response(bytes, { headers: { "content-type": type } });
  const sources = [
    await WebAssembly.compile(bytes), WebAssembly.compile(bytes), bytes, new Uint8Array(bytes).buffer, new DataView(new Uint8Array(bytes).buffer),
    response("application/wasm"), response("application/octet-stream"), Promise.resolve(response("application/wasm")), url, url.href,
    `data:application/wasm;base64,${bytes.toString("base64")}`,
  ];
  for (const module of sources) assert.equal((await Lua.create({ module })).eval("return 6 * 7"), 42);
});

test("a module that is not ours is refused by name", async () => {
  // (module), (module (import "env" "f" (func))), and one of another ABI.
  const empty = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]);
  const imports = Uint8Array.from([...empty, 1, 4, 1, 0x60, 0, 0, 2, 9, 1, 3, 101, 110, 118, 1, 102, 0, 0]);
  await assert.rejects(Lua.create({ module: empty }), { name: "TypeError", message: /not Moonlet: it has no export abi_version.*the package's own/ });
  await assert.rejects(Lua.create({ module: imports }), { name: "TypeError", message: /not Moonlet: it imports env\.f/ });
  await assert.rejects(Lua.create({ module: new Uint8Array([1, 2, 3, 4]) }), WebAssembly.CompileError);
  await assert.rejects(Lua.create({ module: 5 }), TypeError);
  await assert.rejects(Lua.create({ module: "no url" }), { name: "TypeError", message: /no URL.*pathToFileURL/ });
  await assert.rejects(Lua.create({ module: new Response("gone", { status: 404 }) }), { name: "TypeError", message: /404/ });
  const { Instance } = await import("../build/src/instance.js");
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(bytes), {});
  assert.throws(() => new Instance({ exports: { ...exports, abi_version: () => (2 << 16) | 1 } }), { name: "TypeError", message: /ABI 2,.*needs ABI 1/ });
});

test("everything says that a Lua is closed", async () => {
  const lua = await Lua.create();
  lua.define("ask");
  const [task, print, table] = [lua.start("ask()"), lua.get("print"), lua.ref()];
  lua.close();
  lua.close();
  assert.equal(lua.closed, true);
  const acts = {
    eval: () => lua.eval("return 1"), call: () => lua.call("print"), start: () => lua.start(""), get: () => lua.get("x"), set: () => lua.set("x", 1),
    define: () => lua.define("f", () => 1), ref: () => lua.ref(), output: () => lua.output(), stats: () => lua.stats, tasks: () => lua.tasks,
    compact: () => lua.compact(), snapshot: () => lua.snapshot(), restore: () => lua.restore(new Uint8Array(200)), files: () => lua.files.get("x"),
    write: () => lua.files.set("x", ""), list: () => [...lua.files.keys()], remove: () => lua.files.delete("x"),
    resume: () => task.resume(), function: () => print(), table: () => table.x,
  };
  for (const [name, act] of Object.entries(acts)) {
    assert.throws(act, (error) => error instanceof LuaRefusedError, name);
  }
  for (const act of [() => lua.run("return 1"), () => lua.callAsync("print"), () => lua.fork(), () => task.run()]) await assert.rejects(act, LuaRefusedError);
  print.release();
  task.cancel();
});

test("a Lua that is closed, restored or left within a call of its own ends that call", async () => {
  const lua = await Lua.create();
  lua.define({ close: () => lua.close(), back: () => lua.restore(bytesOf) });
  const bytesOf = lua.snapshot();
  lua.eval("n = 1");
  assert.throws(() => lua.eval("back() n = 3"), { kind: "refused", message: /restored/ });
  assert.equal(lua.get("n"), undefined);
  assert.throws(() => lua.eval("close() n = 2"), { kind: "refused", message: /closed/ });
});

test("a Lua does not go to another thread; its module does", async () => {
  const lua = await Lua.create();
  const { port1, port2 } = new MessageChannel();
  assert.throws(() => port1.postMessage(lua), { name: "DataCloneError" });
  assert.throws(() => structuredClone(lua), { name: "DataCloneError" });
  const arrived = new Promise((resolve) => port2.once("message", resolve));
  port1.postMessage(await WebAssembly.compile(bytes));
  assert.equal((await Lua.create({ module: await arrived })).eval("return 1"), 1);
  port1.close();
});

test("wrong types are errors that say what is taken", async () => {
  const lua = await Lua.create();
  const cases = [
    [() => lua.eval(5), /text or a Uint8Array/], [() => lua.eval(), /text or a Uint8Array/], [() => lua.start({}), /text or a Uint8Array/],
    [() => lua.call(5), /path or a function/], [() => lua.call(), /path or a function/], [() => lua.get(""), /a path is like/], [() => lua.get("a..b"), /a path is like/],
    [() => lua.get(5), /a path is like/], [() => lua.define("f", 5), /a function/], [() => lua.ref("print"), /no table at print/],
  ];
  for (const [act, message] of cases) assert.throws(act, (error) => error instanceof TypeError && message.test(error.message), String(act));
  assert.equal(lua.eval("return 2 + 2"), 4);
});

test("a script that recurses to the limit of Lua leaves the state usable", async () => {
  const lua = await Lua.create({ memory: 16 << 20 });
  const deep = ["local function f() return 1 + f() end f()", "local function f() string.gsub('x', 'x', f) end f()",
    "local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x", "return load(('('):rep(1000) .. '1')()"];
  for (const source of deep) {
    assert.throws(() => lua.eval(source), (error) => ["runtime", "memory"].includes(error.kind), source);
    assert.equal(lua.eval("return 2 + 2"), 4);
  }
});
