// A host of the benches on Node: node node.mjs LUA BEFORE KERNEL. LUA is the path of a module of ours, or a package of npm with
// a version of Lua, as in wasmoon:5.4; packages lie in the folder that PEERS names. For each line of standard input it runs both
// chunks in a fresh state of the one instance, and prints the milliseconds of the kernel and what it printed.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

const [name, beforePath, kernelPath] = process.argv.slice(2);
const before = fs.readFileSync(beforePath, "utf8");
const kernel = fs.readFileSync(kernelPath, "utf8");
const require = createRequire(path.resolve(process.env.PEERS ?? ".", "x.js"));

/** Each answers a function that runs a chunk and returns its first value, in the state that `renew` makes. */
const hosts = {
  moonlet() {
    const lua = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(name)), {}).exports;
    const FUEL = 2;
    lua.set(FUEL, 1e15);
    const encoder = new TextEncoder();
    const decoder = new TextDecoder();
    return {
      renew: () => lua.reset(),
      run(chunk) {
        const bytes = encoder.encode(chunk);
        const ptr = lua.alloc(bytes.length);
        new Uint8Array(lua.memory.buffer).set(bytes, ptr);
        const answer = lua.compute(ptr, bytes.length);
        lua.dealloc(ptr, bytes.length);
        const result = decoder.decode(new Uint8Array(lua.memory.buffer, lua.result_ptr(), lua.result_len()));
        if (answer < 0) throw new Error(`status ${-answer}: ${result}`);
        return result;
      },
    };
  },
  wasmoon() {
    const { LuaFactory } = require("wasmoon");
    const factory = new LuaFactory();
    let engine;
    return {
      async renew() {
        engine?.global.close();
        engine = await factory.createEngine();
      },
      run: (chunk) => engine.doStringSync(chunk),
    };
  },
  fengari() {
    const { lua, lauxlib, lualib, to_luastring } = require("fengari");
    return states(lua, lauxlib, lualib, to_luastring, (L) => lua.lua_tojsstring(L, -1));
  },
  "lua-wasm-bindings"(version) {
    const { lua, lauxlib, lualib } = require(`lua-wasm-bindings/dist/lua.${version.replace(".", "")}`);
    return states(lua, lauxlib, lualib, (text) => text, (L) => lua.lua_tostring(L, -1));
  },
};

/** A host with Lua's own C interface. */
function states(lua, lauxlib, lualib, text, top) {
  let L;
  return {
    renew() {
      if (L) lua.lua_close(L);
      L = lauxlib.luaL_newstate();
      lualib.luaL_openlibs(L);
    },
    run(chunk) {
      if (lauxlib.luaL_dostring(L, text(chunk)) !== 0) throw new Error(top(L));
      const result = top(L);
      lua.lua_settop?.(L, 0);
      return result;
    },
  };
}

const [packageName, version] = name.split(":");
const host = name.endsWith(".wasm") ? hosts.moonlet() : hosts[packageName](version);

/** On the wall, or with CLOCK=cpu the process's, its compiling and collecting threads included. */
function milliseconds() {
  if (process.env.CLOCK !== "cpu") return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

for await (const _ of readline.createInterface({ input: process.stdin })) {
  await host.renew();
  host.run(before);
  const start = milliseconds();
  host.run(kernel);
  const time = milliseconds() - start;
  console.log(time.toFixed(4), host.run("return OUTPUT()"));
}
