// Child processes that end with this one: each has a process group of its own, which is killed when it takes too long, and when this process
// ends or is interrupted. What npm puts into .bin is often a script that starts the program, which its own end would leave running.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const running = new Set();

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {}
}

process.on("exit", () => running.forEach((child) => kill(child, "SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(128 + constants.signals[signal]));

/** Starts a child, as `spawn` does; `child.ended` is a promise of its exit code, `null` where a signal ended it or it did not start. */
export function start(command, words, options) {
  const child = spawn(command, words, { ...options, detached: true });
  running.add(child);
  child.ended = new Promise((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });
  return child;
}

/** Ends a child and all that it has started, those that ask for it in their own way. */
export async function stop(child) {
  kill(child, "SIGTERM");
  await Promise.race([child.ended, new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
  kill(child, "SIGKILL");
  running.delete(child);
}

/** Runs a child to its end: its exit code, what it wrote, and whether it took longer than so many milliseconds. */
export async function run(command, words, { timeout = 600_000, ...options } = {}) {
  const child = start(command, words, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const written = { stdout: "", stderr: "" };
  for (const name of Object.keys(written)) child[name]?.setEncoding("utf8").on("data", (text) => (written[name] += text));
  child.once("error", (error) => (written.stderr += error.message));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child, "SIGKILL");
  }, timeout);
  const status = await child.ended;
  clearTimeout(timer);
  // What it leaves running would hold its pipes open.
  kill(child, "SIGKILL");
  running.delete(child);
  await closed;
  return { status, ...written, isLate };
}

/** As `run`, but shows what the child writes to its standard error, and throws when it fails: what it wrote to its standard output. */
export async function output(command, words, options) {
  const { status, stdout, isLate } = await run(command, words, { stdio: ["ignore", "pipe", "inherit"], ...options });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} ${isLate ? "took too long" : `ended with ${status}`}`);
  return stdout;
}
