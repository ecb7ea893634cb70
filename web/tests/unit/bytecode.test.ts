import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { doesTheSame } from "../../src/bytecode/compare.js";
import { decode, type Prototype } from "../../src/bytecode/decode.js";
import { meaningOf, operandsText } from "../../src/bytecode/describe.js";
import { OPCODES } from "../../src/bytecode/opcodes.js";
import { BytecodeError } from "../../src/bytecode/reader.js";
import type { Version } from "../../src/protocol.js";
import { sources, suite } from "./suite.js";
import { luaOf, VERSIONS } from "./versions.js";

const SAMPLE = readFileSync("tests/unit/sample.lua", "latin1");

/** A function that compiles a text of bytes: the chunk, and the lines that Lua itself says are active, a function after another. */
async function compiler(version: Version) {
  const Lua = await luaOf(version);
  const lua = await Lua.create({ strings: "bytes", binaryChunks: true });
  const dump = lua.eval("return function(source, strip) return string.dump(assert(load(source, '@x.lua')), strip) end") as (source: Uint8Array, strip: boolean) => Uint8Array;
  return (source: string, strip = false) => dump(Buffer.from(source, "latin1"), strip);
}

function all(prototype: Prototype): Prototype[] {
  return [prototype, ...prototype.prototypes.flatMap(all)];
}

const texts = (version: Version): [string, string][] => [["sample.lua", SAMPLE], ...suite(version)];

for (const version of VERSIONS) {
  test(`${version}: takes apart every chunk of the official suite, with and without what debugging needs`, async (context) => {
    const compile = await compiler(version);
    let count = 0;
    for (const [name, text] of texts(version)) {
      const source = text.replace(/^#.*/, "");
      const chunk = decode(compile(source));
      assert.equal(chunk.version, version);
      const functions = all(chunk.main);
      for (const found of functions) {
        assert.equal(found.source, "@x.lua");
        for (const instruction of found.instructions) {
          assert.ok(instruction.line >= found.firstLine && (found.lastLine === 0 || instruction.line <= found.lastLine), `${name}: ${instruction.line}`);
          const meaning = meaningOf(version, found, instruction).replace(/"([^"\\]|\\.)*"/g, '""');
          assert.doesNotMatch(meaning, /\?|undefined|\{[A-Z]/, `${name}: ${instruction.opcode.name}`);
        }
        count += found.instructions.length;
      }
      const bare = all(decode(compile(source, true)).main);
      const code = (list: Prototype[]) => list.map(({ instructions }) => instructions.map((one) => `${one.opcode.name} ${operandsText(one)}`));
      assert.deepEqual(code(bare), code(functions));
      assert.ok(bare.every((one) => one.locals.length === 0 && one.instructions.every(({ line }) => line === 0)));
    }
    context.diagnostic(`${count} instructions`);
  });

  test(`${version}: lines are those that Lua says are active`, async () => {
    const lua = await (await luaOf(version)).create({ libraries: ["base", "string", "table", "math", "debug", "debug_full"], strings: "bytes" });
    // What runs at each call: the lines of each function, found by running the source with a hook.
    const lines = lua.eval(`return function(source)
      local found, seen = {}, {}
      local function add(f)
        local info = debug.getinfo(f, "LS")
        if seen[info.linedefined] then return end
        seen[info.linedefined] = true
        local list = {}
        for line in pairs(info.activelines) do list[#list + 1] = line end
        table.sort(list)
        found[#found + 1] = {info.linedefined, table.concat(list, " ")}
      end
      local main = assert(load(source))
      debug.sethook(function() local f = debug.getinfo(2, "f").func if debug.getinfo(f, "S").what ~= "C" then add(f) end end, "c")
      main()
      debug.sethook()
      return found
    end`) as (source: string) => [number, Uint8Array][];
    const compile = await compiler(version);
    const functions = all(decode(compile(SAMPLE)).main);
    const found = lines(SAMPLE).filter(([line]) => functions.filter(({ firstLine }) => firstLine === line).length === 1);
    assert.ok(found.length >= 5, String(found.length));
    for (const [firstLine, active] of found) {
      const { instructions } = functions.find((one) => one.firstLine === firstLine)!;
      // Lua leaves out the line of what takes extra arguments.
      const own = new Set(instructions.filter(({ opcode }) => opcode.name !== "VARARGPREP").map(({ line }) => line));
      assert.equal([...own].sort((a, b) => a - b).join(" "), new TextDecoder().decode(active), `the function of line ${firstLine}`);
    }
  });

  test(`${version}: operations are those of Lua's own source`, (context) => {
    const folder = sources(version);
    if (!folder) return context.skip("the sources are not there: cargo xtask fetches them");
    const header = readFileSync(join(folder, "lopcodes.h"), "latin1");
    const names = [...header.slice(header.indexOf("typedef enum {")).matchAll(/^OP_(\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(OPCODES[version].map(({ name }) => name), names);
    const modes = [...readFileSync(join(folder, "lopcodes.c"), "latin1").matchAll(/i?(\w+)\)\s*\/\* OP_(\w+) ?\*\//g)].map(([, mode, name]) => `${name} ${mode!.replace(/^i/, "")}`);
    assert.equal(modes.length, names.length);
    assert.deepEqual(OPCODES[version].map(({ name, layout }) => `${name} ${layout === "sJ" ? "sJ" : layout}`), modes);
    return undefined;
  });

  test(`${version}: damaged chunks are refused, whatever is damaged`, async () => {
    const compile = await compiler(version);
    const chunk = compile(SAMPLE);
    for (let length = 0; length < chunk.length; length++) assert.throws(() => decode(chunk.subarray(0, length)), BytecodeError, String(length));
    assert.throws(() => decode(Uint8Array.of(...chunk, 0)), BytecodeError);
    let refused = 0;
    let seed = 1;
    for (let round = 0; round < 4_000; round++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      const changed = chunk.slice();
      const at = seed % chunk.length;
      changed[at]! ^= 1 + ((seed >>> 16) % 255);
      try {
        const { main } = decode(changed);
        for (const one of all(main)) for (const instruction of one.instructions) meaningOf(version, one, instruction);
      } catch (error) {
        assert.ok(error instanceof BytecodeError, String(error));
        refused++;
      }
    }
    assert.ok(refused > 200, String(refused));
  });
}

test("what is no chunk of ours says what it is", () => {
  const error = (bytes: string, message: RegExp) => assert.throws(() => decode(Buffer.from(bytes, "latin1")), message);
  error("", /no precompiled chunk/);
  error("print(1)", /no precompiled chunk/);
  error("\x1bLua\x53\0", /Lua 5.3/);
  error("\x1bLua\x54\x01", /format of its own/);
  error("\x1bLua\x54\0\x19\x93\n\n\x1a\n", /transfer as text/);
  error("\x1bLua\x54\0\x19\x93\r\n\x1a\n\x04\x04\x08", /cut off/);
});

test("5.4: the listing is luac's, number by number", async (context) => {
  const command = ["luac5.4", "luac"].find((name) => spawnSync(name, ["-v"], { encoding: "utf8" }).stdout?.startsWith("Lua 5.4"));
  if (!command) return context.skip("luac is not there: apt-get install lua5.4");
  const folder = mkdtempSync(join(tmpdir(), "moonlet-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const compile = await compiler("5.4");
  let count = 0;
  for (const [name, text] of texts("5.4")) {
    const chunk = compile(text.replace(/^#.*/, ""));
    const file = join(folder, "chunk");
    writeFileSync(file, chunk);
    const listing: SpawnSyncReturns<string> = spawnSync(command, ["-l", "-l", "-p", file], { encoding: "latin1", maxBuffer: 1 << 28 });
    assert.equal(listing.status, 0, name);
    const { stdout } = listing;
    const theirs = [...stdout.matchAll(/^\t(\d+)\t\[(\d+|-)\]\t(\w+) *\t([^\t\n]*)/gm)].map(([, pc, line, op, operands]) => `${pc} [${line}] ${op} ${operands!.trim()}`);
    const functions = all(decode(chunk).main);
    const ours = functions.flatMap(({ instructions }) => instructions.map((one) => `${one.pc} [${one.line}] ${one.opcode.name} ${operandsText(one)}`.trim()));
    assert.deepEqual(ours, theirs.map((line) => line.trim()), name);
    const counts = [...stdout.matchAll(/^(\d+)(\+?) params?, (\d+) slots?, (\d+) upvalues?, (\d+) locals?, (\d+) constants?, (\d+) functions?/gm)].map((match) => match.slice(1).join(" "));
    assert.deepEqual(functions.map((one) => [one.parameters, one.isVararg ? "+" : "", one.registers, one.upvalues.length, one.locals.length, one.constants.length, one.prototypes.length].join(" ")), counts, name);
    const sections = [...stdout.matchAll(/^locals \(\d+\) for .*:\n((?:\t.*\n)*)/gm)].flatMap(([, lines]) => [...lines!.matchAll(/^\t\d+\t(.*)\t(\d+)\t(\d+)$/gm)]);
    const locals = functions.flatMap((one) => one.locals.map(({ name: local, start, end }) => `${local} ${start} ${end}`));
    assert.deepEqual(locals, sections.map((match) => match.slice(1).join(" ")), name);
    count += ours.length;
  }
  context.diagnostic(`${count} instructions`);
  return undefined;
});

test("meanings read like Lua", async () => {
  const meanings = async (version: Version, source: string) => {
    const { main } = decode((await compiler(version))(source));
    return main.instructions.map((one) => meaningOf(version, main, one));
  };
  assert.deepEqual(await meanings("5.4", "local a = 1\nlocal b = a + 2\nprint(b, 'x')\nif a < b then b = {} end\nfor i = 1, 2 do end\nreturn b.name"), [
    "take the extra arguments",
    "a := 1",
    "b := a + 2",
    "or __add of a, 2",
    "R2 := _ENV.print",
    "R3 := b",
    'R4 := "x"',
    "R2(R3, R4)",
    "if not (a < b) then the next, else skip it",
    "go to 14",
    "R2 := {}",
    "belongs to the one before",
    "b := R2",
    "R2 := 1",
    "R3 := 2",
    "R4 := 1",
    "prepare the loop; without a turn go to 19",
    "next turn, at 18",
    "R2 := b.name",
    "return R2",
    "return",
  ]);
  const lines = await meanings("5.5", "global <const> *\nlocal function f(...t) return t[1], ... end\nglobal x = f\nfor k, v in pairs(_G) do x = v end");
  assert.ok(lines.includes("R1 := function at line 2") || lines.includes("f := function at line 2"), lines.join("\n"));
  assert.ok(lines.some((line) => /^error if R\d is not nil: "x" is there already$/.test(line)), lines.join("\n"));
  assert.ok(lines.some((line) => /^k, v := R\d\(R\d, R\d\)$/.test(line)), lines.join("\n"));
});

for (const version of VERSIONS) {
  test(`${version}: chunks that do the same are told from those that do not`, async () => {
    const compile = await compiler(version);
    const same = (one: string, other: string) => doesTheSame(compile(one), compile(other));
    assert.ok(same("local t={1,2,\n3} f 'x' return function(a) return a;end", "local t = { 1, 2, 3 }\nf(\"x\")\n\nreturn function(a)\n  return a\nend\n"));
    for (const [one, other] of [["x = 1", "x = 2"], ["x = 1", "x = 1.0"], ["x = 'a'", "x = 'b'"], ["x = a + b", "x = b + a"], ["return (f())", "return f()"], ["x = function() return 1 end", "x = function() return 2 end"], ["f(a, b)", "f(a)"], ["x = '\\255'", "x = '\\254'"]] as const) assert.ok(!same(one, other), one);
  });
}
