import { defineConfig } from "vite";

import { early, flush, LICENCES, licences, lua, offline, policy } from "./build.js";

// Hashes do not compress, so they are short.
const names = { chunkFileNames: "assets/[name]-[hash:6].js", assetFileNames: "assets/[name]-[hash:6][extname]" };

export default defineConfig({
  // Relative addresses, so that the site works from any folder.
  base: "./",
  build: {
    target: "es2022",
    // Nothing may become a data: URL, which the policy of the page refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: LICENCES },
    rolldownOptions: {
      input: ["index.html", "src/service-worker.ts"],
      // A service worker rules the folder that it lies in, and keeps its name.
      output: { ...names, entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : names.chunkFileNames) },
    },
  },
  plugins: [flush(), early((name) => name.includes("lua54")), policy(), licences(["moonlet", "@johnnymorganz/stylua"]), offline((name) => name.includes("stylua") || name === LICENCES)],
  worker: { format: "es", plugins: () => [lua()], rolldownOptions: { output: { ...names, entryFileNames: names.chunkFileNames, comments: false } } },
  // In development the package's own file lies outside of this folder.
  server: { fs: { allow: [".."] } },
});
