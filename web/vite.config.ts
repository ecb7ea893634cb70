import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses, so that the site works from any folder.
  base: "./",
  build: {
    target: "es2022",
    // Nothing may become a data: URL, which the policy of the page refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  // In development the package's own file lies outside of this folder.
  server: { fs: { allow: [".."] } },
});
