// soak [EVALUATIONS] [STATES]: memory after a half of them and at the end, each in a process of its own. Fails when it grew by more than a tenth.
import { fileURLToPath } from "node:url";

import { output } from "./children.mjs";
import { words, wrong } from "./words.mjs";

const usage = "npm run soak [-- EVALUATIONS [STATES]]";
const [evaluations = 1_000_000, states = 10_000] = words(usage, 2).map((word) => (Number(word) > 0 ? Number(word) : wrong(usage)));
const soak = new URL("../tests/soak.mjs", import.meta.url);
let isFlat = true;
for (const [kind, count] of Object.entries({ evaluations, states })) {
  const source = `import { ${kind} } from ${JSON.stringify(soak.href)}; console.log(JSON.stringify(await ${kind}(${count})));`;
  const flags = ["--expose-gc", "--input-type=module", "--eval", source];
  const [early, late] = JSON.parse(await output(process.execPath, flags, { cwd: fileURLToPath(new URL("..", import.meta.url)), timeout: 3_600_000 }));
  for (const figure of Object.keys(late)) {
    console.log(JSON.stringify({ soak: kind, count, figure, early: early[figure], late: late[figure] }));
    if (late[figure] > 1.1 * early[figure] + 100) isFlat = false;
  }
}
process.exit(isFlat ? 0 : 1);
