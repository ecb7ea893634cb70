// The Luas that the benches run on Node, by name: the path of a module of ours, or a package of npm with a version of Lua, as in
// wasmoon:5.4; packages lie in the folder that PEERS names.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve(process.env.PEERS ?? ".", "x.js"));

/** Each answers a function that runs a chunk and returns its first value, in the state that `renew` makes. */
const hosts = {
  moonlet(name) {
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

/** The Lua of that name: `renew` makes a fresh state, which `run` runs a chunk in. */
export function open(name) {
  const [packageName, version] = name.split(":");
  return name.endsWith(".wasm") ? hosts.moonlet(name) : hosts[packageName](version);
}
