// Runs the tests: those whose file has the word given, or all.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { run } from "./children.mjs";
import { words, wrong } from "./words.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const usage = "npm test [WORD OF A TEST FILE'S NAME]";
const [word = ""] = words(usage, 1);
const files = readdirSync(`${root}/tests`).filter((name) => name.endsWith(".test.mjs") && name.includes(word));
if (files.length === 0) wrong(usage);
// The tests of memory ask for a collection.
const { status } = await run(process.execPath, ["--expose-gc", "--test", ...files.map((name) => `tests/${name}`)], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
