import assert from "node:assert/strict";
import { test } from "node:test";

import * as lua54 from "moonlet";
import { Lua as Lua55 } from "moonlet/lua55";
import { Lua as LuaInline } from "moonlet/inline";

const { Lua, LuaFunction, Results } = lua54;

test("results are none, one or several", async () => {
  const lua = await Lua.create();
  assert.equal(lua.eval("return"), undefined);
  assert.equal(lua.eval("return nil"), undefined);
  assert.equal(lua.eval("return 6 * 7"), 42);
  const several = lua.eval("return 1, nil, 'x'");
  assert.ok(several instanceof Results);
  assert.deepEqual([...several], [1, undefined, "x"]);
  assert.ok(!(several.map((value) => value) instanceof Results));
  assert.ok(!(lua.eval("return {1, 2}") instanceof Results));
});

test("each module is the Lua that it says", async () => {
  assert.equal((await Lua.create()).eval("return _VERSION"), "Lua 5.4");
  assert.equal((await Lua55.create()).eval("return _VERSION"), "Lua 5.5");
  assert.equal((await LuaInline.create()).eval("return _VERSION"), "Lua 5.4");
  assert.ok((await Lua.create()) instanceof Lua);
});

test("source may be bytes, and takes arguments and a name", async () => {
  const lua = await Lua.create();
  assert.equal(lua.eval(new TextEncoder().encode("return ...  + 1"), { args: [4] }), 5);
  assert.throws(() => lua.eval("error('no')", { name: "@game.lua" }), { message: "game.lua:1: no", chunk: "game.lua", line: 1 });
  assert.throws(() => lua.eval("error('no')"), { message: "eval:1: no" });
});

test("functions and methods are called by their path", async () => {
  const lua = await Lua.create();
  lua.eval("game = {player = {x = 1}} function game.player:move(by) self.x = self.x + by return self.x end function game.add(a, b) return a + b end");
  assert.equal(lua.call("game.add", 2, 3), 5);
  assert.equal(lua.call("game.player:move", 4), 5);
  assert.throws(() => lua.call("game.nobody"), { kind: "runtime" });
});

test("globals and fields are read and assigned", async () => {
  const lua = await Lua.create();
  lua.set("config", { width: 80, colours: ["red"] });
  lua.set("config.height", 25);
  lua.set(["config", "colours", 2], "blue");
  assert.deepEqual(lua.get("config"), { width: 80, height: 25, colours: ["red", "blue"] });
  assert.equal(lua.get(["config", "colours", 1]), "red");
  assert.equal(lua.get("nothing"), undefined);
  lua.set(["config", ""], "no name");
  assert.equal(lua.get(["config", ""]), "no name");
  assert.throws(() => lua.get("nothing.more"), { kind: "runtime" });
  assert.throws(() => lua.set("", 1), TypeError);
  assert.throws(() => lua.set([], 1), TypeError);
});

test("host functions are defined one by one, as tables, and by path", async () => {
  const lua = await Lua.create();
  lua.define("add", (a, b) => a + b);
  lua.define({ double: (x) => 2 * x, net: { get: (url) => `<${url}>`, deep: { name: () => "deep" } } });
  lua.define("math.twice", (x) => 2 * x);
  assert.deepEqual([...lua.eval("return add(1, 2), double(4), net.get('x'), net.deep.name(), math.twice(3), math.floor(1.5)")], [3, 8, "<x>", "deep", 6, 1]);
  lua.define("add", () => "another");
  assert.equal(lua.eval("return add()"), "another");
  assert.throws(() => lua.define("x", 5), TypeError);
  assert.throws(() => lua.define("__index", () => 1), TypeError);
});

test("a host function answers nil, one value or several", async () => {
  const lua = await Lua.create();
  lua.define({ nothing: () => {}, none: () => new Results(), nil: () => null, two: () => Results.of(1, 2), list: () => [1, 2] });
  lua.eval("count = function(...) return select('#', ...) end");
  assert.deepEqual(
    [...lua.eval("return count(nothing()), count(none()), count(nil_ or 1), count(two()), count(list())")],
    [1, 0, 1, 2, 1],
  );
  assert.deepEqual(lua.eval("return list()"), [1, 2]);
});

test("a host function may evaluate in the same state", async () => {
  const lua = await Lua.create();
  lua.define("again", (source) => lua.eval(source));
  assert.equal(lua.eval("return again('return again(\"return 3\")') + 1"), 4);
});

test("an error of a host function is an error of the script, and the cause of what comes out", async () => {
  const lua = await Lua.create();
  const thrown = new RangeError("no such name: nobody");
  lua.define("lookup", () => {
    throw thrown;
  });
  assert.deepEqual([...lua.eval("return pcall(lookup)")], [false, "no such name: nobody"]);
  const error = caught(() => lua.eval("lookup()"));
  assert.equal(error.message, "no such name: nobody");
  assert.equal(error.cause, thrown);
  assert.equal(caught(() => lua.eval("local ok, e = pcall(lookup) error(e)")).cause, thrown);
  assert.ok(!("cause" in caught(() => lua.eval("pcall(lookup) error('other')"))));
});

test("what a host function throws that is no Error goes as it is", async () => {
  const lua = await Lua.create();
  lua.define({
    table: () => {
      throw { code: 7 };
    },
    text: () => {
      throw "text";
    },
    odd: () => {
      throw new Map([[NaN, 1]]);
    },
    nested: () => lua.eval("error({code = 8})"),
    half: () => {
      throw new Error("half \ud800");
    },
    bare: () => {
      throw Object.create(null);
    },
    untold: () => {
      throw Object.assign(Object.create(null), { symbol: Symbol("x") });
    },
  });
  assert.equal(lua.eval("return select(2, pcall(table)).code"), 7);
  assert.equal(lua.eval("return select(2, pcall(text))"), "text");
  assert.equal(lua.eval("return select(2, pcall(odd))"), "[object Map]");
  assert.equal(lua.eval("return select(2, pcall(nested)).code"), 8);
  assert.equal(lua.eval("return (pcall(half))"), false);
  assert.deepEqual([...lua.eval("return pcall(bare)")], [false, {}]);
  assert.match(lua.eval("return select(2, pcall(untold))"), /without text/);
  assert.equal(lua.stats.tasks, 0);
});

test("each kind of error has its class, and the state goes on", async () => {
  const lua = await Lua.create({ memory: 1 << 20, fuel: 10_000_000 });
  const cases = [
    ["return 1 +", lua54.LuaSyntaxError, "syntax", 3],
    ["error('x')", lua54.LuaRuntimeError, "runtime", 2],
    ["local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", lua54.LuaMemoryError, "memory", 4],
    ["while true do end", lua54.LuaBudgetError, "budget", 18],
    ["os.exit(3)", lua54.LuaExitError, "exit", 20],
    ["local t = {} t[1] = t return t", lua54.LuaRuntimeError, "runtime", 22],
  ];
  for (const [source, kind, word, status] of cases) {
    const error = caught(() => lua.eval(source));
    assert.ok(error instanceof kind && error instanceof lua54.LuaError && error instanceof Error, source);
    assert.equal(error.kind, word);
    assert.equal(error.status, status);
    assert.equal(error.name, kind.name);
    assert.equal(lua.eval("return 2 + 2"), 4);
  }
  assert.equal(caught(() => lua.eval("os.exit(3)")).code, 3);
  assert.equal(caught(() => lua.eval("os.exit()")).code, 0);
});

test("an error tells its traceback, place and value", async () => {
  const lua = await Lua.create();
  const error = caught(() => lua.eval("function fail()\n error({code = 7})\nend\nfail()", { name: "@f.lua" }));
  assert.deepEqual(error.value, { code: 7 });
  assert.equal(error.chunk, "f.lua");
  assert.equal(error.line, 2);
  assert.match(error.traceback, /in function 'fail'/);
  const bytes = await Lua.create({ strings: "bytes", integers: "bigint" });
  const same = caught(() => bytes.eval("function fail()\n error({code = 7})\nend\nfail()", { name: "@f.lua" }));
  assert.deepEqual([same.value, same.chunk, same.line, same.traceback], [{ code: 7n }, error.chunk, error.line, error.traceback]);
});

test("a Lua function is a function of the host", async () => {
  const lua = await Lua.create();
  lua.eval("function double(x) return 2 * x end");
  const double = lua.get("double");
  assert.ok(double instanceof LuaFunction && double instanceof Function);
  assert.ok(!((() => 1) instanceof LuaFunction));
  assert.equal(double(21), 42);
  assert.equal(lua.get("double"), double);
  assert.equal(lua.call(double, 4), 8);
  assert.equal(lua.eval("local f = ... return f == double", { args: [double] }), true);
  assert.deepEqual([1, 2].map((x) => double(x)), [2, 4]);
  assert.equal(lua.stats.handles, 1);
  double.release();
  double.release();
  assert.equal(lua.stats.handles, 0);
  assert.throws(() => double(1), { kind: "refused" });
  assert.throws(() => lua.set("x", double), { kind: "refused" });
  const other = await Lua.create();
  assert.throws(() => other.set("x", lua.get("double")), TypeError);
  assert.throws(() => lua.get("coroutine")["running"]()[0](), { kind: "runtime" });
});

test("a table that stays in Lua is used through its proxy", async () => {
  const lua = await Lua.create();
  lua.eval("game = {score = 3, player = {x = 1, names = {'a', 'b'}}} function game.add(a, b) return a + b end");
  const game = lua.ref("game");
  game.player.x += 4;
  assert.equal(lua.get("game.player.x"), 5);
  assert.equal(game.add(1, 2), 3);
  assert.equal(game.player.names[2], "b");
  assert.ok("score" in game && !("nothing" in game));
  delete game.score;
  assert.equal(game.score, undefined);
  assert.deepEqual(Object.keys(game).sort(), ["add", "player"]);
  assert.deepEqual(JSON.parse(JSON.stringify(game.player)), { x: 5, names: { 1: "a", 2: "b" } });
  lua.ref().fresh = { list: [1] };
  assert.deepEqual(lua.get("fresh"), { list: [1] });
  lua.set("copy", game.player);
  assert.equal(lua.eval("return copy ~= game.player and copy.x"), 5);
  assert.throws(() => lua.ref("game.add"), TypeError);
  const exact = await Lua.create({ integers: "bigint", strings: "bytes" });
  exact.eval("t = {'a', k = 1}");
  assert.deepEqual(exact.ref("t")[1], new Uint8Array([97]));
  assert.deepEqual(Object.keys(exact.ref("t")).sort(), ["1", "k"]);
});

test("output is kept, or handed over as it comes", async () => {
  const kept = await Lua.create();
  kept.eval("print('a', 1) io.write('é')");
  assert.equal(kept.output(), "a\t1\né");
  assert.equal(kept.output(), "");
  const [texts, errors] = [[], []];
  const lua = await Lua.create({ output: 10, onOutput: (text, bytes) => texts.push([text, bytes.length]), onErrorOutput: (text) => errors.push(text) });
  lua.eval("print(('é'):rep(12)) io.stderr:write('bad')");
  assert.equal(texts.map(([text]) => text).join(""), "é".repeat(12) + "\n");
  assert.ok(texts.length > 1 && texts.every(([, length]) => length <= 10));
  assert.deepEqual(errors, ["bad"]);
  texts.length = 0;
  assert.throws(() => lua.eval("print('before') error('x')"));
  assert.deepEqual(texts, [["before\n", 7]]);
});

test("standard input is a text, or asked for as it is needed", async () => {
  const text = await Lua.create({ input: "one\ntwo\n" });
  assert.deepEqual([...text.eval("return io.read(), io.read(), io.read()")], ["one", "two", undefined]);
  const lines = ["a", "b\nc", "\n"];
  const asked = await Lua.create({ input: () => lines.shift() });
  assert.deepEqual([...asked.eval("return io.read(), io.read(), io.read()")], ["ab", "c", undefined]);
  const later = await Lua.create({ input: async () => "later\n" });
  assert.equal(await later.run("return io.read()"), "later");
  assert.throws(() => later.eval("return io.read('a')"), { kind: "refused" });
  assert.equal(later.stats.tasks, 0);
  const failing = await Lua.create({ input: () => Promise.reject(new Error("no input")) });
  await assert.rejects(failing.run("return io.read()"), { message: "no input" });
  assert.equal(failing.stats.tasks, 0);
  const wrong = await Lua.create({ input: () => 5 });
  assert.throws(() => wrong.eval("return io.read()"), TypeError);
  assert.equal(wrong.stats.tasks, 0);
});

test("files are a map from name to contents", async () => {
  const lua = await Lua.create();
  lua.files.set("greet.lua", "return {hello = 'Hello'}").set("data/x.bin", new Uint8Array([0, 255]));
  assert.equal(lua.eval("return require('greet').hello"), "Hello");
  lua.eval("local f = io.open('out.txt', 'w') f:write('Grüße') f:close()");
  assert.equal(lua.files.text("out.txt"), "Grüße");
  assert.deepEqual(lua.files.get("data/x.bin"), new Uint8Array([0, 255]));
  assert.equal(lua.files.get("none"), undefined);
  assert.deepEqual([...lua.files.keys()], ["data/x.bin", "greet.lua", "out.txt"]);
  assert.deepEqual([...lua.files.sizes()], [["data/x.bin", 2], ["greet.lua", 24], ["out.txt", 7]]);
  assert.deepEqual([...lua.files].map(([name, bytes]) => [name, bytes.length]), [...lua.files.sizes()]);
  for (const name of ["./out.txt", "/out.txt", "data/../out.txt"]) assert.ok(lua.files.has(name) && lua.files.text(name) === "Grüße");
  assert.ok(!lua.files.has("none") && !lua.files.has("data"));
  assert.ok(lua.files.has("out.txt") && lua.files.delete("out.txt") && !lua.files.delete("out.txt"));
  assert.equal(lua.files.size, 2);
  assert.throws(() => lua.files.set("", "x"), { kind: "refused" });
  assert.throws(() => lua.files.set("x", 5), TypeError);
  const small = await Lua.create({ result: 10 });
  small.files.set("long", "x".repeat(11));
  assert.ok(small.files.has("long"));
  assert.throws(() => small.files.get("long"), { status: 35 });
});

test("the seed, the clock and the time zone are the host's", async () => {
  const draw = async (options) => (await Lua.create(options)).eval("return math.random(0), os.time(), os.date('%H:%M')");
  assert.notEqual((await draw({}))[0], (await draw({}))[0]);
  assert.deepEqual(await draw({ deterministic: true }), await draw({ deterministic: true }));
  assert.deepEqual([...(await draw({ deterministic: true }))].slice(1), [0, "00:00"]);
  assert.equal((await draw({ seed: 7 }))[0], (await draw({ seed: 7n }))[0]);
  assert.ok(Math.abs((await draw({}))[1] - Date.now() / 1000) < 5);
  assert.equal((await draw({ clock: 90000, timeZone: 60 }))[2], "02:00");
  const zone = "CET-1CEST,M3.5.0,M10.5.0/3";
  assert.equal((await Lua.create({ clock: () => 1_750_000_000, timeZone: zone })).eval("return os.date('%H:%M %Z')"), "17:06 CEST");
  const local = (await Lua.create()).eval("return os.date('%H:%M')");
  const now = new Date();
  assert.ok([0, 1].some((ago) => local === new Date(now - ago * 60000).toTimeString().slice(0, 5)));
});

test("limits hold, and the state goes on", async () => {
  const lua = await Lua.create({ result: 100, hostCalls: 3, memory: 1 << 20, output: 50 });
  lua.define("f", () => 1);
  assert.throws(() => lua.eval("return ('x'):rep(1000)"), { status: 22 });
  assert.throws(() => lua.eval("for i = 1, 10 do f() end"), { kind: "runtime" });
  assert.throws(() => lua.eval("return ('x'):rep(2^21)"), { kind: "memory" });
  assert.throws(() => lua.eval("for i = 1, 100 do print(i) end"), { kind: "budget", status: 17 });
  assert.throws(() => lua.set("x", new Uint8Array(1 << 21)), { kind: "refused" });
  lua.output();
  assert.equal(lua.stats.tasks, 0);
  assert.equal(lua.eval("return 2 + 2"), 4);
});

test("libraries are those that the options name", async () => {
  const lua = await Lua.create({ libraries: ["base", "string"] });
  assert.deepEqual([...lua.eval("return type(string), type(io), type(host)")], ["table", "nil", "nil"]);
  assert.throws(() => lua.define("net.f", () => 1), { message: /library host/ });
  assert.equal(lua.get("net"), undefined);
  const all = await Lua.create({ libraries: ["base", "debug_full"] });
  assert.equal(all.eval("return type(debug.getregistry)"), "function");
  assert.equal((await Lua.create()).eval("return debug.getregistry"), undefined);
});

function caught(act) {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
