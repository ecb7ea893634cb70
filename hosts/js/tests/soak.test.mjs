import assert from "node:assert/strict";
import { test } from "node:test";

import { evaluations, states } from "./soak.mjs";

// The long form is scripts/soak.mjs.
test("20,000 evaluations leave nothing in their state", async () => {
  const [early, late] = await evaluations(20_000);
  assert.ok(late.pages <= early.pages + 1, `${early.pages} and then ${late.pages} pages`);
  assert.equal(late.tasks, 0);
  for (const figure of ["handles", "references"]) assert.ok(late[figure] < 100, `${late[figure]} ${figure}`);
  assert.ok(late.memoryUsed < early.memoryUsed * 1.1, `${late.memoryUsed} bytes`);
});

test("300 states that are made and dropped are collected", async () => {
  for (const { alive } of await states(300)) assert.ok(alive < 5, `${alive} states are left`);
});
