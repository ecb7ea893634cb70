// WebKit as Debian has it, MiniBrowser of webkit2gtk, by the protocol of WebDriver: Playwright drives none but its own build.
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGES = "apt-get install webkit2gtk-driver xvfb";
/** How long a step may take. */
const PATIENCE = 30_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const rest = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

/** A page in WebKit. */
export class WebKit {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #address: string;
  #session = "";

  private constructor(process: ChildProcess, profile: string, port: number) {
    this.#process = process;
    this.#profile = profile;
    this.#address = `http://127.0.0.1:${port}`;
  }

  /** Starts the browser on a display of its own. */
  static async start(): Promise<WebKit> {
    const found = spawnSync("sh", ["-c", "command -v WebKitWebDriver && command -v xvfb-run && ls /usr/lib/*/webkit2gtk-4.*/MiniBrowser"], { encoding: "utf8" });
    assert.equal(found.status, 0, `WebKit is not there: ${PACKAGES}`);
    const binary = found.stdout.trim().split("\n").at(-1)!;
    const profile = mkdtempSync(join(tmpdir(), "moonlet-webkit-"));
    const port = await freePort();
    // A group of its own, as the driver starts others.
    const env = { ...process.env, HOME: profile, XDG_RUNTIME_DIR: profile, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" };
    const child = spawn("xvfb-run", ["-a", "WebKitWebDriver", `--port=${port}`], { stdio: "ignore", detached: true, env });
    const webkit = new WebKit(child, profile, port);
    process.once("exit", () => webkit.#kill());
    const options = { binary, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const end = Date.now() + PATIENCE;
    for (;;) {
      try {
        const made = (await webkit.#ask("POST", "/session", { capabilities })) as { sessionId: string };
        webkit.#session = `/session/${made.sessionId}`;
        return webkit;
      } catch (error) {
        if (Date.now() > end || !(error instanceof TypeError)) throw error;
        await rest(100);
      }
    }
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const init = body ? { method, body: JSON.stringify(body) } : { method };
    const answer = await fetch(`${this.#address}${this.#session}${path}`, init);
    const { value } = (await answer.json()) as { value: unknown };
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  }

  /** Opens an address, also one that differs in its fragment only. */
  async open(url: string): Promise<void> {
    await this.#ask("POST", "/url", { url: "about:blank" });
    await this.#ask("POST", "/url", { url });
  }

  /** What an expression of JavaScript is in the page. */
  evaluate(expression: string): Promise<unknown> {
    return this.#ask("POST", "/execute/sync", { script: `return ${expression}`, args: [] });
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (!(await this.evaluate(expression))) {
      if (Date.now() > end) assert.fail(`${expression} does not become true; the page says: ${await this.evaluate("document.body.innerText")}`);
      await rest(50);
    }
  }

  /** Clicks what a selector finds, as a user does. */
  async click(selector: string): Promise<void> {
    const found = (await this.#ask("POST", "/element", { using: "css selector", value: selector })) as Record<string, string>;
    await this.#ask("POST", `/element/${Object.values(found)[0]}/click`, {});
  }

  #kill(): void {
    try {
      process.kill(-this.#process.pid!, "SIGKILL");
    } catch {
      // It has ended.
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async close(): Promise<void> {
    await this.#ask("DELETE", "").catch(() => undefined);
    this.#kill();
  }
}
