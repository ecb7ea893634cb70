import assert from "node:assert/strict";
import { test } from "node:test";

import { CompletionContext } from "@codemirror/autocomplete";
import { ensureSyntaxTree, foldable, getIndentation, indentUnit, syntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { classHighlighter, highlightTree } from "@lezer/highlight";

import { complete } from "../../src/language/completion.js";
import { luaLanguage } from "../../src/language/index.js";
import { entriesOf } from "../../src/language/library.js";
import type { Version } from "../../src/protocol.js";
import { luaOf, VERSIONS } from "./versions.js";

/** An editor's state, parsed to its end however busy the machine is. */
function stateOf(doc: string, version: Version = "5.4"): EditorState {
  const state = EditorState.create({ doc, extensions: [luaLanguage(version), indentUnit.of("  ")] });
  assert.ok(ensureSyntaxTree(state, doc.length, 60_000));
  // The tree becomes the state's with the next transaction.
  return state.update({}).state;
}

const INDENTED = `
local function f(a, b)
  if a then
    return {
      a = 1,
      [2] = function(x)
        return x
      end,
    }
  elseif b then
    call(a, function(...)
      print(...)
    end)
  else
    while true do
      break
    end
  end
  repeat
    for i = 1, 2 do
      local x =
        1 + 2
    end
  until a
  local text = [[
keeps
      its place]]
  do
    f(
      1,
      2
    )
  end
end
global.x = 1
`.slice(1);

test("every line of a program stands where it should, also when all after it is yet to be written", () => {
  const lines = INDENTED.split("\n");
  const whole = stateOf(INDENTED);
  lines.forEach((line, index) => {
    if (line === "" || /keeps|its place/.test(line)) return;
    const wanted = line.length - line.trimStart().length;
    assert.equal(getIndentation(whole, whole.doc.line(index + 1).from), wanted, line);
    const part = stateOf(lines.slice(0, index + 1).join("\n"));
    assert.equal(getIndentation(part, part.doc.line(index + 1).from), wanted, `the last line: ${line}`);
  });
});

test("blocks, tables and long brackets fold", () => {
  const folded = (doc: string) => {
    const state = stateOf(doc);
    const range = foldable(state, state.doc.line(1).from, state.doc.line(1).to);
    return range && doc.slice(0, range.from) + "…" + doc.slice(range.to);
  };
  assert.equal(folded("function f(a)\n  x()\nend"), "function f(a)…end");
  assert.equal(folded("local f = function()\n  x()\nend"), "local f = function()…end");
  assert.equal(folded("if a then\n  x()\nelse\n  y()\nend"), "if a then…end");
  assert.equal(folded("repeat\n  x()\nuntil a"), "repeat…until a");
  assert.equal(folded("for i = 1, 2 do\n  x()\nend"), "for i = 1, 2 do…end");
  assert.equal(folded("x = {\n  1,\n}"), "x = {…}");
  assert.equal(folded("--[[ a\nb\n]]"), "--[[ a…");
  assert.equal(folded("if a then x() end"), null);
  assert.equal(folded("x = 1\ny = 2"), null);
});

test("words have the classes of what they are", () => {
  const source = "local n <const> = f(t.x, 0x1p4) .. 'a\\n' -- c";
  const found: [string, string][] = [];
  highlightTree(syntaxTree(stateOf(source)), classHighlighter, (from, to, classes) => found.push([source.slice(from, to), classes]));
  const of = (word: string) => found.find(([text]) => text === word)?.[1];
  assert.match(of("local")!, /tok-keyword/);
  assert.match(of("n")!, /tok-variableName tok-definition/);
  assert.match(of("f")!, /tok-variableName/);
  assert.match(of("x")!, /tok-propertyName/);
  assert.match(of("0x1p4")!, /tok-number/);
  assert.match(of("-- c")!, /tok-comment/);
  assert.ok(found.some(([text, classes]) => text.includes("a") && /tok-string/.test(classes)));
  const keyword = (version: Version) => {
    const words: string[] = [];
    highlightTree(syntaxTree(stateOf("global x", version)), classHighlighter, (from, to, classes) => /keyword/.test(classes) && words.push(String([from, to])));
    return words;
  };
  assert.deepEqual([keyword("5.4"), keyword("5.5")], [[], ["0,6"]]);
});

/** Labels offered where `|` stands. */
function offered(text: string, version: Version = "5.4", explicit = true): string[] {
  const at = text.indexOf("|");
  const state = stateOf(text.replace("|", ""), version);
  return complete(new CompletionContext(state, at, explicit), version)?.options.map(({ label }) => label) ?? [];
}

test("completes libraries, keywords and what is in view", () => {
  assert.ok(offered("string.fo|").includes("format"));
  assert.ok(!offered("string.fo|").includes("print"));
  assert.ok(offered("s:|").includes("gsub") && offered("f:re|").includes("read"));
  assert.ok(!offered("s:|").includes("char"));
  assert.ok(offered("pri|").includes("print"));
  assert.ok(offered("wh|").includes("while"));
  assert.ok(offered("table.|", "5.5").includes("create") && !offered("table.|", "5.4").includes("create"));
  assert.ok(offered("g|", "5.5").includes("global") && !offered("g|", "5.4").includes("global"));
  const scoped = offered("local one = 1\nlocal function two(three)\n  for four = 1, 2 do local five = 5 end\n  |\nend\nsix = 6");
  for (const name of ["one", "two", "three"]) assert.ok(scoped.includes(name), name);
  for (const name of ["four", "five", "six"]) assert.ok(!scoped.includes(name), name);
  assert.ok(offered("t = {name = 1}\nt.n|").includes("name"));
  assert.ok(offered("game = 1\nprint(ga|)").includes("game"));
});

test("offers nothing in strings, comments, numbers and new names, nor unasked without a word", () => {
  for (const text of ["x = 'pri|'", "-- pri|", "--[[ pri| ]]", "x = [[pri|]]", "x = 12|", "x = 1.|", "local pri|", "goto pri|"]) assert.deepEqual(offered(text), [], text);
  assert.deepEqual(offered("|", "5.4", false), []);
  assert.deepEqual(offered("x = |", "5.4", false), []);
});

for (const version of VERSIONS) {
  test(`${version}: the libraries listed are those that there are`, async () => {
    const lua = await (await luaOf(version)).create();
    const there = lua.eval(`
      local names = {}
      for name, value in pairs(_G) do
        names[#names + 1] = name
        if type(value) == "table" and name ~= "_G" then
          for field in pairs(value) do names[#names + 1] = name .. "." .. field end
        end
      end
      for method in pairs(getmetatable(io.stdout).__index) do names[#names + 1] = "file:" .. method end
      return names`) as string[];
    const entries = entriesOf(version);
    assert.deepEqual(entries.map(({ name }) => name).sort(), there.sort());
    for (const { name, text, signature } of entries) assert.ok(signature && /^[A-Z"a-z].*\.$/.test(text), name);
  });
}
