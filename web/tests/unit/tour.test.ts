import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { lua54, lua55 } from "../../src/language/index.js";
import { TOUR } from "../../src/tour/index.js";
import host from "../../src/worker/host.lua?raw";
import { luaOf, VERSIONS } from "./versions.js";

const GOLDEN = "tests/unit/tour";

/** What the page does for scripts: answers at once, and counts frames. */
function page(answers: string[]) {
  let frames = 0;
  let drawn = 0;
  return {
    sleep: async () => undefined,
    prompt: async () => answers.shift() ?? null,
    fetch: async () => "",
    key: async () => "a",
    frame: async (picture: unknown[]) => {
      drawn += picture.length;
      return [1 / 60, new Map(++frames === 40 ? [["Escape", true]] : [])];
    },
    get drawn() {
      return drawn;
    },
  };
}

test("there are twelve examples, of which each has a word to say", () => {
  assert.equal(TOUR.length, 12);
  assert.equal(new Set(TOUR.map(({ id }) => id)).size, 12);
  for (const { id, title, about, tasks, files } of TOUR) {
    assert.ok(title && about.endsWith(".") && tasks.length >= 2, id);
    for (const [name, text] of files) {
      assert.ok(text.endsWith("\n") && text.split("\n").every((line) => line.length <= 140 && line === line.trimEnd()), name);
      for (const { parser } of [lua54, lua55]) {
        parser.parse(text).iterate({ enter: (node) => assert.ok(!node.type.isError, `${name}: ${node.from}`) });
      }
    }
  }
});

for (const version of VERSIONS) {
  for (const { id, files } of TOUR) {
    test(`${version}: the example ${id} prints what it should`, async () => {
      const answers = ["more", "what?", "less", "m", "yes"];
      const host_ = page(answers);
      let printed = "";
      const lua = await (await luaOf(version)).create({ deterministic: true, fuel: 100_000_000, onOutput: (text) => (printed += text) });
      const { Results } = await import("moonlet");
      lua.define({ sleep: host_.sleep, prompt: host_.prompt, fetch: host_.fetch, key: host_.key, frame: async (picture: unknown[]) => Results.of(...(await host_.frame(picture))) });
      lua.eval(host, { name: "=host" });
      for (const [name, text] of files) lua.files.set(name, text);
      const [main, source] = files[0]!;
      try {
        await lua.run(source, { name: `@${main}` });
      } catch (error) {
        printed += `error: ${(error as Error).message}\n`;
      }
      const golden = `${GOLDEN}/${id}.txt`;
      if (process.env.BLESS && version === "5.4") {
        mkdirSync(GOLDEN, { recursive: true });
        writeFileSync(golden, printed);
      }
      assert.ok(existsSync(golden), "BLESS=1 writes it");
      assert.equal(printed, readFileSync(golden, "utf8"));
      if (id === "life") assert.ok(host_.drawn > 5000, String(host_.drawn));
      lua.close();
    });
  }
}
