// Ten tasks beside the raw ABI, wasmoon and fengari, in one process: a line of JSON for each. Times are medians of nine rounds.
// bench [WORD] runs the tasks whose name has the word.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import * as moonlet from "moonlet";

import { output, run } from "./children.mjs";
import { words } from "./words.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "build/bench");
const PEERS = { wasmoon: "1.16.0", fengari: "0.1.5" };
const [word = ""] = words("npm run bench [-- WORD OF A TASK'S NAME]", 1);

if (!existsSync(join(folder, "node_modules/wasmoon"))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: PEERS }));
  await output("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], { cwd: folder });
}
const require = createRequire(join(folder, "x.js"));
const { LuaFactory } = await import(pathToFileURL(require.resolve("wasmoon")));
const fengari = require("fengari");

const wasm = readFileSync(join(root, "dist/lua54.wasm"));
const compiled = await WebAssembly.compile(wasm);
const small = { name: "x".repeat(200), list: Array.from({ length: 100 }, (_, i) => i), nested: { a: "y".repeat(400), b: [1.5, 2.5, true] } };
const large = Array.from({ length: 10_000 }, (_, i) => ({ id: i, name: `name ${i}`, score: i / 3, tags: ["a", "b"], text: "z".repeat(40) }));

/** The raw ABI, as a host would write it by hand for bytes that it has already. */
async function raw() {
  const { exports } = await WebAssembly.instantiate(compiled, {});
  exports.set(9, 1);
  const give = (bytes, use) => {
    const ptr = exports.alloc(bytes.length);
    new Uint8Array(exports.memory.buffer).set(bytes, ptr);
    const answer = use(ptr, bytes.length);
    exports.dealloc(ptr, bytes.length);
    return answer;
  };
  const text = (source) => give(new TextEncoder().encode(source), exports.compute);
  const first = () => new Uint8Array(exports.memory.buffer, exports.result_ptr(), exports.result_len())[0];
  const call = (name) => Uint8Array.from([0x91, 0xa0 | name.length, ...new TextEncoder().encode(name)]);
  return { text, first, run: (bytes) => (give(bytes, exports.call), first()), call, exports };
}

const { lua, lauxlib, lualib, to_luastring } = fengari;
function fengariState() {
  const L = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(L);
  return L;
}
const fengariDo = (L, source) => {
  if (lauxlib.luaL_dostring(L, to_luastring(source)) !== 0) throw new Error(lua.lua_tojsstring(L, -1));
  const value = lua.lua_tonumber(L, -1);
  lua.lua_settop(L, 0);
  return value;
};

const factory = new LuaFactory();
await factory.createEngine();

const hello = "return 6 * 7";
/** Of each task what each does once, after what it needs. */
const TASKS = {
  create: { count: 40, raw: async () => () => WebAssembly.instantiate(compiled, {}), moonlet: async () => () => moonlet.Lua.create(), wasmoon: async () => () => factory.createEngine(), fengari: async () => fengariState },
  "create, first result": {
    count: 40,
    raw: async () => async () => (await raw()).text(hello),
    moonlet: async () => async () => (await moonlet.Lua.create()).eval(hello),
    wasmoon: async () => async () => (await factory.createEngine()).doStringSync(hello),
    fengari: async () => () => fengariDo(fengariState(), hello),
  },
  hello: {
    count: 20_000,
    raw: async () => { const host = await raw(); return () => host.text(hello); },
    moonlet: async () => { const state = await moonlet.Lua.create(); return () => state.eval(hello); },
    wasmoon: async () => { const engine = await factory.createEngine(); return () => engine.doStringSync(hello); },
    fengari: async () => { const L = fengariState(); return () => fengariDo(L, hello); },
  },
  "empty call": {
    count: 50_000,
    raw: async () => { const host = await raw(); host.text("function empty() end"); const bytes = host.call("empty"); return () => host.run(bytes); },
    moonlet: async () => { const state = await moonlet.Lua.create(); state.eval("function empty() end"); return () => state.call("empty"); },
    wasmoon: async () => { const engine = await factory.createEngine(); engine.doStringSync("function empty() end"); const f = engine.global.get("empty"); return () => f(); },
    fengari: async () => {
      const L = fengariState();
      fengariDo(L, "function empty() end");
      const name = to_luastring("empty");
      return () => { lua.lua_getglobal(L, name); lua.lua_callk(L, 0, 0, 0, null); };
    },
  },
  "1 kB of values": echoes(small, 2000),
  "1 MB of values": echoes(large, 4),
  "host call": {
    count: 20, each: 1000,
    moonlet: async () => { const state = await moonlet.Lua.create(); state.define("f", (x) => x); state.eval("function loop() for i = 1, 1000 do f(i) end end"); return () => state.call("loop"); },
    wasmoon: async () => { const engine = await factory.createEngine(); engine.global.set("f", (x) => x); engine.doStringSync("function loop() for i = 1, 1000 do f(i) end end"); const loop = engine.global.get("loop"); return () => loop(); },
    fengari: async () => {
      const L = fengariState();
      lua.lua_pushcclosure(L, (state) => { lua.lua_pushnumber(state, lua.lua_tonumber(state, 1)); return 1; }, 0);
      lua.lua_setglobal(L, to_luastring("f"));
      fengariDo(L, "function loop() for i = 1, 1000 do f(i) end end");
      return () => fengariDo(L, "loop()");
    },
  },
  "async host call": {
    count: 10, each: 200,
    moonlet: async () => { const state = await moonlet.Lua.create(); state.define("f", async (x) => x); return () => state.run("for i = 1, 200 do f(i) end"); },
    // A new engine for each: one fails at its 61st asynchronous evaluation.
    wasmoon: async () => { const engine = await factory.createEngine(); engine.global.set("f", async (x) => x); return () => engine.doString("for i = 1, 200 do f(i):await() end"); },
  },
};

function echoes(value, count) {
  return {
    count,
    moonlet: async () => { const state = await moonlet.Lua.create(); state.eval("function echo(x) return x end"); return () => state.call("echo", value); },
    // By proxy nothing is copied: so that both do the same, Lua's table is read as JavaScript has it.
    wasmoon: async () => { const engine = await factory.createEngine({ enableProxy: false }); engine.doStringSync("function echo(x) return x end"); const echo = engine.global.get("echo"); return () => echo(value); },
  };
}

/** The scripts of the program `hostile`. */
const HOSTILE = ["spin", "fill", "match", "recurse"];
const hostile = readFileSync(join(root, "../programs/hostile.lua"), "utf8");

/** Microseconds until a script is stopped, by a signal after 100 ms or 8 MiB of memory. */
async function stopMoonlet(name) {
  const state = await moonlet.Lua.create({ memory: 8 << 20 });
  state.eval(hostile);
  const began = performance.now();
  await state.callAsync(name, [], { signal: AbortSignal.timeout(100) }).catch(() => {});
  return (performance.now() - began) * 1000;
}

async function stopWasmoon(name) {
  const engine = await factory.createEngine({ traceAllocations: true });
  engine.global.setMemoryMax(8 << 20);
  engine.doStringSync(hostile);
  const began = performance.now();
  engine.global.setTimeout(Date.now() + 100);
  try {
    engine.doStringSync(`${name}()`);
  } catch {}
  return (performance.now() - began) * 1000;
}

const JOBS = {
  "memory:moonlet": () => memory(async () => { const state = await moonlet.Lua.create(); state.eval(hello); return state; }),
  "memory:wasmoon": () => memory(async () => { const engine = await factory.createEngine(); engine.doStringSync(hello); return engine; }),
  "memory:fengari": () => memory(async () => { const L = fengariState(); fengariDo(L, hello); return L; }),
  ...Object.fromEntries(HOSTILE.flatMap((name) => [[`moonlet:${name}`, () => stopMoonlet(name)], [`wasmoon:${name}`, () => stopWasmoon(name)]])),
};

/** Kibibytes of the process for each of 100 states that have run something. */
async function memory(make) {
  const kept = [await make()];
  gc();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 100; i++) kept.push(await make());
  gc();
  return ((process.memoryUsage().rss - before) / 1024 / 100) * Math.sign(kept.length);
}

if (word in JOBS) {
  console.log(JSON.stringify(await JOBS[word]()));
  process.exit(0);
}

/** Microseconds, the median of nine rounds. */
async function median(act, count) {
  const rounds = [];
  while (rounds.length < 9) {
    const began = performance.now();
    for (let i = 0; i < count; i++) {
      const done = act();
      if (done instanceof Promise) await done;
    }
    rounds.push((performance.now() - began) / count);
  }
  return rounds.sort((a, b) => a - b)[4] * 1000;
}

/** What each is called in the table. */
const HOSTS = { raw: "the bare exports on Node", moonlet: "moonlet on Node", wasmoon: `wasmoon ${PEERS.wasmoon}`, fengari: `fengari ${PEERS.fengari}` };

/** Prints a figure; a text says why there is none. */
const tell = (task, host, value, unit) => console.log(JSON.stringify({ task, host: HOSTS[host], value, unit }));

console.log(JSON.stringify({ versions: { node: process.version, moonlet: JSON.parse(readFileSync(join(root, "package.json"))).version, ...PEERS } }));
for (const [task, { count, each = 1, ...hosts }] of Object.entries(TASKS)) {
  if (!task.includes(word)) continue;
  for (const [host, prepare] of Object.entries(hosts)) {
    try {
      tell(task, host, (await median(await prepare(), count)) / each, "us");
    } catch (error) {
      tell(task, host, `fails: ${String(error).slice(0, 80)}`, "us");
    }
  }
}

/** What only a process of its own can tell: its memory, or that it never ends. */
async function apart(job) {
  const { status, stdout, isLate } = await run(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), job], { timeout: 10_000 });
  if (isLate) return "goes on for 10 s";
  return status === 0 ? JSON.parse(stdout.split("\n").at(-2)) : "fails";
}

/** Microseconds from the import of a package to its first result in a new process, the median of nine. */
async function fromImport(specifier, use) {
  const source = `const began = performance.now(); const m = await import(${JSON.stringify(specifier)}); ${use}; console.log(performance.now() - began);`;
  const times = [];
  while (times.length < 9) times.push(Number(await output(process.execPath, ["--input-type=module", "--eval", source], { cwd: root })));
  return times.sort((a, b) => a - b)[4] * 1000;
}

const IMPORT = "import to first result";
if (IMPORT.includes(word)) {
  const peer = (name) => pathToFileURL(require.resolve(name)).href;
  const uses = {
    moonlet: ["moonlet", '(await m.Lua.create()).eval("return 6 * 7")'],
    wasmoon: [peer("wasmoon"), '(await new m.LuaFactory().createEngine()).doStringSync("return 6 * 7")'],
    fengari: [peer("fengari"), "const f = m.default; const L = f.lauxlib.luaL_newstate(); f.lualib.luaL_openlibs(L); f.lauxlib.luaL_dostring(L, f.to_luastring('return 6 * 7'))"],
  };
  for (const [host, [specifier, use]] of Object.entries(uses)) tell(IMPORT, host, await fromImport(specifier, use), "us");
}
if (word === "") {
  for (const host of ["moonlet", "wasmoon", "fengari"]) tell("memory of a state, of 100", host, await apart(`memory:${host}`), "KiB");
  for (const name of HOSTILE) {
    for (const host of ["moonlet", "wasmoon"]) tell(`hostile script stopped: ${name}`, host, await apart(`${host}:${name}`), "us");
  }
}
process.exit(0);
