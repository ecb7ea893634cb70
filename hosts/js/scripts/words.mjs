import { parseArgs } from "node:util";

/** The words that a command was run with, `most` at most; one that is run wrongly prints its usage and ends with status 2. */
export function words(usage, most) {
  try {
    const { positionals } = parseArgs({ allowPositionals: true });
    if (positionals.length <= most) return positionals;
  } catch {}
  return wrong(usage);
}

/** Prints a command's usage and ends with status 2. */
export function wrong(usage) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}
