// soak [EVALUATIONS] [STATES]: memory after a half of them and at the end, each in a process of its own. Fails when it grew by more than a tenth.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [evaluations = "1000000", states = "10000"] = process.argv.slice(2);
const soak = new URL("../tests/soak.mjs", import.meta.url);
let isFlat = true;
for (const [kind, count] of Object.entries({ evaluations, states })) {
  const source = `import { ${kind} } from ${JSON.stringify(soak.href)}; console.log(JSON.stringify(await ${kind}(${Number(count)})));`;
  const words = ["--expose-gc", "--input-type=module", "--eval", source];
  const [early, late] = JSON.parse(execFileSync(process.execPath, words, { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" }));
  for (const figure of Object.keys(late)) {
    console.log(JSON.stringify({ soak: kind, count: Number(count), figure, early: early[figure], late: late[figure] }));
    if (late[figure] > 1.1 * early[figure] + 100) isFlat = false;
  }
}
process.exit(isFlat ? 0 : 1);
