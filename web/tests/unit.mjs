// Runs the tests of what needs no page: `npm run test:unit [WORD OF A TEST FILE'S NAME]`.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const web = fileURLToPath(new URL("..", import.meta.url));
const words = process.argv.slice(2);
const [word = ""] = words;
const names = readdirSync(join(web, "tests/unit")).filter((name) => name.endsWith(".test.ts") && name.includes(word));
if (words.length > 1 || word.startsWith("-") || names.length === 0) {
  console.error("usage: npm run test:unit [WORD OF A TEST FILE'S NAME]");
  process.exit(2);
}

// Within node_modules, from where packages are found.
const folder = mkdtempSync(join(web, "node_modules/.unit-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// As Vite has it: a text by its file's name with `?raw`.
const raw = {
  name: "raw",
  setup(bundle) {
    bundle.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.replace(/\?raw$/, "")) }));
  },
};

await build({
  entryPoints: names.map((name) => join(web, "tests/unit", name)),
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20",
  loader: { ".lua": "text" },
  plugins: [raw],
  logLevel: "error",
});
const child = spawn(process.execPath, ["--test", ...names.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")))], { cwd: web, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGKILL") && process.exit(1));
child.on("exit", (code) => process.exit(code ?? 1));
