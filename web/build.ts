// What the build does beyond bundling: the policy in the page, and the list of files that the service worker keeps.
import { createHash } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Plugin } from "vite";

import { POLICY } from "./policy.js";

/** Puts the policy into the page, so that it holds on any server. */
export function policy(): Plugin {
  return {
    name: "policy",
    apply: "build",
    transformIndexHtml: () => [{ tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: POLICY }, injectTo: "head-prepend" }],
  };
}

/** Lets the page fetch files of the build before a script asks for them, as `fetch` does. */
export function early(isEarly: (name: string) => boolean): Plugin {
  return {
    name: "early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle = {} }) =>
        Object.keys(bundle)
          .filter(isEarly)
          .map((name) => ({ tag: "link", attrs: { rel: "preload", href: `./${name}`, as: "fetch", crossorigin: true }, injectTo: "head-prepend" as const })),
    },
  };
}

/** Takes the indentation out of the page, and writes its apostrophes as they are: no attribute is within any. */
export function flush(): Plugin {
  return { name: "flush", apply: "build", transformIndexHtml: { order: "post", handler: (html) => html.replace(/\n\s+/g, "\n").replaceAll("&#39;", "'") } };
}

/** Takes comments and indentation out of the Lua that comes with the worker; lines stay where they are. */
export function lua(): Plugin {
  return {
    name: "lua",
    enforce: "pre",
    apply: "build",
    load(id) {
      if (!/\/worker\/\w+\.lua\?raw$/.test(id)) return undefined;
      const text = readFileSync(id.replace(/\?raw$/, ""), "utf8");
      if (/\[=*\[/.test(text)) throw new Error(`${id} has long strings or comments, which may be on lines that look like others`);
      return `export default ${JSON.stringify(text.replace(/^[ \t]+/gm, "").replace(/^--.*/gm, ""))}`;
    },
  };
}

/** The file that says whose work is in the build. */
export const LICENCES = "licences.txt";

/** Adds the licences of what the bundler does not see: what comes as a file, or into a worker. */
export function licences(packages: string[]): Plugin {
  return {
    name: "licences",
    apply: "build",
    writeBundle: {
      order: "post",
      sequential: true,
      handler({ dir = "dist" }) {
        for (const name of packages) {
          const folder = join("node_modules", name);
          const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
          if (!file) throw new Error(`${name} has no licence`);
          const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string; license: string };
          appendFileSync(join(dir, LICENCES), `\n## ${name} - ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8")}\n`);
        }
      },
    },
  };
}

/** Writes names and contents' hash of all files into `service-worker.js`; those that `isLater` are kept once they were asked for. */
export function offline(isLater: (name: string) => boolean): Plugin {
  let folder = "";
  return {
    name: "offline",
    apply: "build",
    configResolved: (config) => void (folder = join(config.root, config.build.outDir)),
    writeBundle: {
      order: "post",
      // After what adds to the files.
      sequential: true,
      handler() {
        const worker = join(folder, "service-worker.js");
        const names = readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .filter((file) => file !== worker)
          .sort();
        const hash = createHash("sha256");
        for (const file of names) hash.update(file.slice(folder.length)).update(readFileSync(file));
        const files = names.map((file) => file.slice(folder.length + 1)).filter((name) => !isLater(name));
        const text = readFileSync(worker, "utf8");
        const filled = text.replace("__FILES__", JSON.stringify(files)).replace("__BUILD__", JSON.stringify(hash.digest("hex").slice(0, 16)));
        if (/__(FILES|BUILD)__/.test(filled) || filled === text) throw new Error("service-worker.js has no place for the list of files");
        writeFileSync(worker, filled);
      },
    },
  };
}
