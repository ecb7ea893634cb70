import assert from "node:assert/strict";
import { test } from "node:test";

import { lua54, lua55 } from "../../src/language/index.js";
import type { Version } from "../../src/protocol.js";
import { suite } from "./suite.js";
import { luaOf, VERSIONS } from "./versions.js";

const parserOf = (version: Version) => (version === "5.5" ? lua55 : lua54).parser;

/** The first place that the grammar takes for wrong. */
function wrongAt(version: Version, text: string): number | undefined {
  let found: number | undefined;
  parserOf(version).parse(text).iterate({
    enter(node) {
      if (node.type.isError || node.name.startsWith("Invalid")) found ??= node.from;
    },
  });
  return found;
}

const RIGHT = [
  "", ";;", "return", "return 1, 2;", "f()", "f{}", "f'x'", "f[[x]]", "a.b:c(1){2}'3'.d = 1", "a, b.c, d[1] = 1", "local a <const>, b <close> = 1, nil",
  "local function f() end", "function a.b.c:d(...) return ... end", "for i = 1, 2 do end", "for i = 1, 2, 3 do break end", "for k, v in pairs(t) do end",
  "goto done ::done::", "repeat local x until x", "if a then elseif b then else end", "while not a do end", "do local x end", "x = -2 ^ -3 .. 4", "x = a or b and c < d | e ~ f & g << h .. i + j * -k ^ l",
  "x = {1, 2; a = 3, [4] = 5, f(), ...,}", "x = 0x1p4 + 0xA.8 + .5 + 5. + 1e-3 + 0x.1P+2 + 3", "x = 'a\\z  \n  b' .. \"\\u{7FFFFFFF}\\x41\\065\\\n\"", "x = [==[ ]=] ]==]",
  "--[==[ ]] ]=] ]==] x = 1", "--[==\nx = 1", "--[[\n]]--\nx = 1", "x = a[ [[b]] ]", "(f)(1)\n(g)(2)", "global = 1", "global()", "global.x = 1", "global, x = 1, 2", "a = global", "return global",
  "return function(a, b, ...) end", "x = #t == ~1", "x = 1 // 2 % 3", "x = - - 1", "x = not not a", "::a:: ::b::", "break_ = 1", "return...", "x = a.b.c[1].d", "('x'):rep(2)", "x = 1--c", "#!shebang\nx = 1", "x = a--[[c]]+b",
];

const ONLY_55 = [
  "global x", "global x, y <const>", "global <const> *", "global *", "global <const> x, y", "global function f() end", "global x = 1", "global\nx", "local <const> a, b = 1, 2", "local <close> a = nil",
  "function f(...t) end", "function f(a, ... t) end", "global global", "global x global = 1",
];

const WRONG = [
  "x", "x =", "= 1", "f(", "f)", "local", "local 1", "local x <", "if a then", "for i do end", "for i = 1 do end", "function f", "return return", "return 1 x = 2", "a.b", "a:b", "a:b.c()", "(a)", "(a) = 1", "f() = 1", "x = 3x", "x = 0x", "x = 1..2", "x = 1e",
  "x = 'a", "x = 'a\nb'", "x = '\\q'", "x = '\\xg'", "goto", "::a", "break x", "x = {1 2}", "x = a b", "local function f.g() end", "function f(a.b) end", "function f(..., a) end", "end", "x = @", "x = a ? b", "local x <const", "x = 1 +", "x = not", "!x", "a, f() = 1", "x = '\\300000' .. '\\u{'", "while a end", "x = []", "elseif", "x = [=a",
];

for (const version of VERSIONS) {
  test(`${version}: takes what is right and marks what is wrong`, () => {
    for (const text of version === "5.5" ? [...RIGHT, ...ONLY_55] : RIGHT) assert.equal(wrongAt(version, text), undefined, text);
    for (const text of version === "5.5" ? WRONG : [...WRONG, ...ONLY_55]) assert.notEqual(wrongAt(version, text), undefined, text);
  });

  test(`${version}: takes what Lua takes of the official suite, files and lines`, async (context) => {
    const files = suite(version);
    if (files.length === 0) return context.skip("the suites are not there: cargo xtask fetches them");
    for (const [name, text] of files) assert.equal(wrongAt(version, text), undefined, name);

    const Lua = await luaOf(version);
    const lua = await Lua.create();
    const messageOf = lua.eval("return function(s) local f, m = load(s, '=') return m end") as (line: string) => string | undefined;
    let right = 0;
    let wrong = 0;
    for (const [name, text] of files) {
      for (const line of new Set(text.split("\n"))) {
        // A first line that begins with # is a file's, not a chunk's.
        if (line.startsWith("#") || /[^\x00-\x7f]/.test(line)) continue;
        const message = messageOf(line);
        const place = wrongAt(version, line);
        if (message === undefined) {
          assert.equal(place, undefined, `${name}: ${line}`);
          right++;
        } else if (/ near /.test(message) && !/vararg|outside loop|variable|escape|UTF-8|long string|long comment|unfinished/.test(message)) {
          assert.notEqual(place, undefined, `${name}: ${line}: ${message}`);
          wrong++;
        }
      }
    }
    context.diagnostic(`${files.length} files, ${right} lines that are right, ${wrong} that are wrong`);
    assert.ok(right > 5000 && wrong > 2000, `${right} ${wrong}`);
    return undefined;
  });
}

test("text without end in depth or length breaks nothing", () => {
  for (const piece of ["a..", "2^", "not ", "(", "{", "do ", "x=function() ", "if a then ", "f(", "a[", "'\n", "\\", "@", "--[", "[=", "\0"]) {
    for (const text of [piece.repeat(5_000), `x = ${piece.repeat(5_000)}1`]) assert.equal(parserOf("5.5").parse(text).length, text.length);
  }
  const deep = `x = ${"a..".repeat(100_000)}b`;
  assert.equal(parserOf("5.4").parse(deep).length, deep.length);
});
