// Packs moonlet-x.y.z.tgz into the folder given, the repository's dist/ by default. Equal commits give equal bytes.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { words } from "./words.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [folder = join(root, "../../dist")] = words("npm run pack [-- FOLDER]", 1);
const out = resolve(folder);

execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: "inherit" });
mkdirSync(out, { recursive: true });
const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", out], { cwd: root, encoding: "utf8" }));
console.log(join(out, packed.filename));
