// What embedding costs on Node: the bare exports beside wasmoon, in lines of JSON; times are medians of nine rounds.
// node --expose-gc embed.mjs MODULE; the package wasmoon lies in the folder that PEERS names. With HOST COUNT behind it: the
// kibibytes of each of so many states, in a process that has nothing else.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [file, host, count] = process.argv.slice(2);
const require = createRequire(path.resolve(process.env.PEERS ?? ".", "x.js"));
const { LuaFactory } = require("wasmoon");
const version = require("wasmoon/package.json").version;
const module = new WebAssembly.Module(fs.readFileSync(file));
const factory = new LuaFactory();
await factory.createEngine();

const BARE = "Node";
const WASMOON = `wasmoon ${version}`;
const FORMAT = 9;
const YIELD = -1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

class Instance {
  constructor() {
    this.exports = new WebAssembly.Instance(module, {}).exports;
  }
  bytes() {
    return new Uint8Array(this.exports.memory.buffer);
  }
  give(run, data) {
    const ptr = this.exports.alloc(data.length);
    this.bytes().set(data, ptr);
    const answer = run(ptr, data.length);
    this.exports.dealloc(ptr, data.length);
    return answer;
  }
  run(source) {
    return this.give(this.exports.compute, encoder.encode(source));
  }
  result(answer) {
    const ptr = this.exports.result_ptr();
    return this.bytes().slice(ptr, ptr + answer);
  }
  restore(copy) {
    const bytes = this.bytes();
    bytes.set(copy);
    bytes.fill(0, copy.length);
  }
}

/** `[name, argument]` in MessagePack, the argument a string. */
function callWith(name, argument) {
  const length = [24, 16, 8, 0].map((shift) => (argument.length >> shift) & 255);
  return Uint8Array.from([0x92, 0xa0 | name.length, ...encoder.encode(name), 0xc6, ...length, ...argument]);
}

const report = (host, task, value, unit = "us") => console.log(JSON.stringify({ task, host, value, unit }));

/** Microseconds, the median of nine rounds of so many. */
async function median(times, act) {
  const rounds = [];
  while (rounds.length < 9) {
    const start = performance.now();
    for (let i = 0; i < times; i++) {
      const done = act();
      if (done instanceof Promise) await done;
    }
    rounds.push(((performance.now() - start) * 1000) / times);
  }
  return rounds.sort((a, b) => a - b)[4];
}

/** The medians of works that are done in turn, in microseconds for each of so many. */
function inTurn(times, works) {
  const rounds = works.map(() => []);
  for (let round = 0; round < 9; round++) {
    works.forEach((work, at) => {
      const start = performance.now();
      for (let i = 0; i < times; i++) work();
      rounds[at].push(((performance.now() - start) * 1000) / times);
    });
  }
  return rounds.map((list) => list.sort((a, b) => a - b)[4]);
}

const STRINGS = [
  ["a string of 1 kB, there and back", 1000, 5000],
  ["a string of 1 MB, there and back", 1_000_000, 10],
];
const STATES = [
  ["a small state", "", 300],
  ["a state of 10 MB", "t = {} for i = 1, 130000 do t[i] = { i } end", 10],
];
const DEFINITIONS = "function empty() end function echo(v) return v end function loop() for i = 1, 1000 do f(i) end end";

async function bare() {
  report(BARE, "instantiate", await median(200, () => new Instance()));
  const first = () => {
    const lua = new Instance();
    if (decoder.decode(lua.result(lua.run("return 1"))) !== "1") throw new Error("no 1");
  };
  report(BARE, "create, first result", await median(100, first));
  const lua = new Instance();
  lua.exports.set(FORMAT, 1);
  lua.run(DEFINITIONS);
  // A host that calls often keeps the buffer.
  const empty = Uint8Array.from([0x91, 0xa5, ...encoder.encode("empty")]);
  const ptr = lua.exports.alloc(empty.length);
  lua.bytes().set(empty, ptr);
  report(BARE, "empty call", await median(20_000, () => lua.exports.call(ptr, empty.length)));
  for (const [name, length, times] of STRINGS) {
    const call = callWith("echo", new Uint8Array(length).fill(120));
    report(BARE, name, await median(times, () => lua.result(lua.give(lua.exports.call, call))));
  }
  const calls = () => {
    let answer = lua.run("for i = 1, 1000 do host.call('f', i) end");
    const task = lua.exports.task();
    while (answer === YIELD) answer = lua.exports.resume(task, 0, 0);
  };
  report(BARE, "host call", (await median(20, calls)) / 1000);
  for (const [state, fill, times] of STATES) {
    const source = new Instance();
    const target = new Instance();
    source.run(fill);
    target.run(fill);
    source.exports.compact();
    const copy = source.bytes().slice();
    // Between as many buffers, so that the processor's caches hold as much of either.
    const [first, middle, last] = [copy.slice(), copy.slice(), copy.slice()];
    const copies = () => {
      middle.set(first);
      last.set(middle);
    };
    const moved = () => {
      copy.set(source.bytes());
      target.restore(copy);
    };
    const [plain, both] = inTurn(times, [copies, moved]);
    report("memcpy in Node", `${state}: two copies of its memory`, plain);
    report(BARE, `${state}: snapshot, restore`, both);
    report(BARE, `${state}: compact`, await median(Math.min(times, 50), () => source.exports.compact()));
    const fork = () => {
      const lua = new Instance();
      lua.exports.memory.grow((copy.length - lua.bytes().length) >> 16);
      lua.restore(source.bytes());
    };
    report(BARE, `${state}: fork`, await median(Math.min(times, 50), fork));
  }
}

async function wasmoon() {
  const closed = async (use) => {
    const engine = await factory.createEngine();
    use(engine);
    engine.global.close();
  };
  report(WASMOON, "create, first result", await median(20, () => closed((engine) => engine.doStringSync("return 1"))));
  const engine = await factory.createEngine();
  engine.global.set("f", () => {});
  engine.doStringSync(DEFINITIONS);
  const empty = engine.global.get("empty");
  report(WASMOON, "empty call", await median(5000, () => empty()));
  const echo = engine.global.get("echo");
  for (const [name, length, times] of STRINGS) {
    const sent = "x".repeat(length);
    report(WASMOON, name, await median(Math.min(times, 1000), () => echo(sent)));
  }
  const loop = engine.global.get("loop");
  report(WASMOON, "host call", (await median(20, () => loop())) / 1000);
}

/** Kibibytes of each of so many states, by the process's memory. */
async function memory(host, count) {
  const make = {
    [BARE]: () => {
      const lua = new Instance();
      lua.run("x = 1");
      return lua;
    },
    [WASMOON]: async () => {
      const engine = await factory.createEngine();
      engine.doStringSync("x = 1");
      return engine;
    },
  }[host];
  const kept = [];
  gc();
  const before = process.memoryUsage().rss;
  while (kept.length < count) kept.push(await make());
  gc();
  return (process.memoryUsage().rss - before) / 1024 / kept.length;
}

if (host !== undefined) {
  console.log(await memory(host, Number(count)));
  process.exit(0);
}

console.log(JSON.stringify({ versions: { node: process.version, wasmoon: version } }));
await bare();
await wasmoon();
for (const count of [1, 100, 10_000]) {
  for (const host of [BARE, WASMOON]) {
    const words = ["--expose-gc", fileURLToPath(import.meta.url), file, host, String(count)];
    const task = `memory of a state, of ${count}`;
    try {
      const printed = execFileSync(process.execPath, words, { encoding: "utf8", timeout: 300_000, stdio: ["ignore", "pipe", "pipe"] });
      report(host, task, Number(printed), "KiB");
    } catch (error) {
      const line = String(error.stderr ?? error).split("\n").find((line) => line.includes("Error"));
      report(host, task, (line ?? "ends before that").trim().slice(0, 60), "KiB");
    }
  }
}
process.exit(0);
