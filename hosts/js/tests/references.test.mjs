import assert from "node:assert/strict";
import { test } from "node:test";

import { Lua } from "moonlet";

class Player {
  #secret = 7;
  name = "Ada";
  hidden = 1;
  move(by) {
    return by + this.#secret;
  }
  async later(value) {
    return value;
  }
}

/** Lets the engine collect, and its finalizers run. */
async function collect() {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    gc();
  }
}

// The first test: nothing may keep the first function of a process, either.
test("a function that is collected and given again is in force, after a restore and in a fork too", async () => {
  const lua = await Lua.create();
  lua.eval("function f() return 1 end");
  const get = () => new WeakRef(lua.get("f"));
  /** Gets the function anew while the finalizer of the first one is still to come. */
  const replace = async () => {
    const first = get();
    for (let i = 0; i < 20 && first.deref() !== undefined; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      gc();
    }
    assert.equal(first.deref(), undefined);
    get();
  };
  await replace();
  const copy = await lua.fork();
  assert.equal(copy.stats.handles, 0);
  await collect();
  const bytes = lua.snapshot();
  await replace();
  lua.restore(bytes);
  const again = lua.get("f");
  await collect();
  assert.equal(again(), 1);
});

test("a callback goes to Lua as itself and comes back so", async () => {
  const lua = await Lua.create();
  const add = (a, b) => a + b;
  assert.equal(lua.eval("local f = ... kept = f return f(1, 2)", { args: [add] }), 3);
  assert.equal(lua.get("kept"), add);
  assert.equal(lua.call("kept", 4, 5), 9);
  assert.equal(lua.call(add, 4, 5), 9);
  assert.equal(lua.eval("local f, g = ... return f == g and rawequal(f, kept)", { args: [add, add] }), true);
  assert.equal(await lua.run("return (...)(5)", { args: [async (x) => x] }), 5);
});

test("an object goes by reference with the members that it is given", async () => {
  const lua = await Lua.create();
  const player = lua.reference(new Player(), { members: ["name", "move", "later", "missing"] });
  lua.set("player", player);
  assert.equal(lua.get("player"), player);
  assert.equal(lua.eval("player.name = player.name .. '!' return player.name"), "Ada!");
  assert.equal(player.name, "Ada!");
  assert.equal(lua.eval("return player:move(3)"), 10);
  assert.equal(lua.eval("return player.move == player.move"), true);
  assert.equal(lua.eval("return player.missing"), undefined);
  assert.equal(await lua.run("return player:later('x')"), "x");
  assert.equal(lua.call("player:move", 1), 8);
  assert.throws(() => lua.eval("return player.hidden"), { message: /no member hidden/ });
  assert.throws(() => lua.eval("return player.constructor"), { message: /no member constructor/ });
  assert.throws(() => lua.eval("player.hidden = 2"), { message: /no member hidden/ });
  assert.throws(() => lua.eval("return player.move({})"), { message: /colon/ });
  assert.throws(() => lua.eval("return player.move(1)"), { message: /colon/ });
  assert.throws(() => lua.eval("return player()"), { message: /cannot be called/ });
  assert.equal(player.hidden, 1);
  const bytes = await Lua.create({ strings: "bytes" });
  bytes.set("player", bytes.reference(player, { members: ["name", "move"] }));
  assert.equal(bytes.eval("player.name = 5 return player:move(player.name)"), 12);
});

test("an object without members is opaque", async () => {
  const lua = await Lua.create();
  const token = lua.reference({ secret: 1 });
  assert.equal(lua.call((value) => value === token, token), true);
  assert.throws(() => lua.eval("return (...).secret", { args: [token] }), { message: /no member secret/ });
  assert.equal(lua.eval("return type((...))", { args: [token] }), "userdata");
  assert.throws(() => lua.reference(5), TypeError);
  assert.throws(() => lua.reference(null), TypeError);
});

test("a script cannot forge what is asked of host objects", async () => {
  const lua = await Lua.create();
  for (const source of ["host.call('__call', {})", "host.call('__index', 5, 'x')", "host.call('__newindex')", "host.call('__call', print)"]) {
    assert.throws(() => lua.eval(source), { message: /asks for a host object/ });
  }
  assert.throws(() => lua.eval("host.call('constructor')"), { message: /no host function constructor/ });
  assert.equal(lua.eval("return 2 + 2"), 4);
});

test("the host lets go of what Lua drops, and hears of it", async () => {
  const lua = await Lua.create();
  let dropped = 0;
  lua.set("kept", lua.reference({}, { onDrop: () => dropped++ }));
  lua.eval("local f = ...", { args: [() => 1] });
  assert.equal(lua.stats.references, 2);
  lua.compact();
  lua.eval("return");
  assert.equal(lua.stats.references, 1);
  lua.set("kept", undefined);
  lua.compact();
  lua.eval("return");
  await null;
  assert.deepEqual([lua.stats.references, dropped], [0, 1]);
});

test("what a refused call would have brought is forgotten", async () => {
  const lua = await Lua.create({ memory: 1 << 20 });
  assert.throws(() => lua.set("x", [() => 1, Symbol("x")]), TypeError);
  assert.throws(() => lua.set("x", [() => 1, new Uint8Array(1 << 21)]), { kind: "refused" });
  assert.equal(lua.stats.references, 0);
});

test("functions that are collected here are released there", async () => {
  const lua = await Lua.create();
  for (let round = 0; round < 20; round++) {
    lua.eval("local t = {} for i = 1, 100 do t[i] = function() return i end end return t");
    await new Promise((resolve) => setTimeout(resolve, 1));
    gc();
  }
  for (let i = 0; i < 50 && lua.stats.handles > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  assert.ok(lua.stats.handles < 300, `${lua.stats.handles} handles of 2,000`);
});

test("functions are released where memory is out, and after a call was torn down", async () => {
  const lua = await Lua.create({ memory: 1 << 20 });
  lua.eval("function f() end function fill() local t = {} while true do t[#t + 1] = ('x'):rep(100) .. #t end end kept = {}");
  for (let i = 0; i < 1000; i++) lua.get("f");
  assert.throws(() => lua.eval("for i = 1, 1e9 do kept[i] = ('x'):rep(1000) .. i end"), { kind: "memory" });
  lua.get("f").release();
  assert.equal(lua.stats.handles, 0);
  lua.set("kept", undefined);
  assert.equal(lua.eval("return 2 + 2"), 4);
});

test("using lets go of states, functions and tables", { skip: !Symbol.dispose && "the engine has no Symbol.dispose" }, async () => {
  const lua = await Lua.create();
  const print = lua.get("print");
  print[Symbol.dispose]();
  assert.throws(() => print(), { kind: "refused" });
  lua.ref()[Symbol.dispose]();
  assert.equal(lua.stats.handles, 0);
  lua[Symbol.dispose]();
  assert.ok(lua.closed);
});
