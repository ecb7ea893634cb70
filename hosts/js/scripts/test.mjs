// Runs the tests: those whose file has the word given, or all.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [word = ""] = process.argv.slice(2);
const files = readdirSync(`${root}/tests`).filter((name) => name.endsWith(".test.mjs") && name.includes(word));
// The tests of memory ask for a collection.
const run = spawnSync(process.execPath, ["--expose-gc", "--test", ...files.map((name) => `tests/${name}`)], { cwd: root, stdio: "inherit" });
process.exit(run.status ?? 1);
