import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { POLICY } from "../../policy.js";

test("the server of this repository sends the policy that the page is built with", () => {
  const source = readFileSync("../cli/serve/src/site.rs", "utf8");
  const [, text] = /const POLICY: &str = "((?:[^"\\]|\\.|\\\n)*)"/.exec(source) ?? [];
  assert.equal(text?.replace(/\\\n\s*/g, ""), POLICY);
});

test("the policy lets nothing in from elsewhere, and no code but files and WebAssembly", () => {
  assert.match(POLICY, /default-src 'none'/);
  assert.doesNotMatch(POLICY, /unsafe-inline|'unsafe-eval'|https?:|\*|data:/);
});
