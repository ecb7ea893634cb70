// Lua's official test suites, where `cargo xtask` has put them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Version } from "../../src/protocol.js";

/** Each file of the suite of a version as [name, text, a character for each byte]; empty where the suites are not there. */
export function suite(version: Version): [string, string][] {
  const tools = process.env.MOONLET_TOOLS ?? join(process.cwd(), "../target/tools");
  const name = existsSync(tools) && readdirSync(tools).find((found) => found.startsWith("testes-"));
  if (!name) return [];
  const folder = join(tools, name, "third-party", `lua${version.replace(".", "")}`, "testes");
  const files = readdirSync(folder).filter((file) => file.endsWith(".lua"));
  return files.map((file) => [file, readFileSync(join(folder, file), "latin1")]);
}
