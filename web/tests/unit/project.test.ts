import assert from "node:assert/strict";
import { test } from "node:test";

import { zipSync } from "fflate";

import { crc32 } from "../../src/project/crc.js";
import { faultOf, freeName } from "../../src/project/names.js";
import { codeOf, wishesOf, type Shared } from "../../src/project/address.js";
import { fragmentOf, ShareError, sharedIn } from "../../src/project/share.js";
import { archiveOf, ArchiveError, filesIn } from "../../src/project/zip.js";

const PROJECT: Shared = {
  lua: "5.5",
  main: "main.lua",
  files: [["main.lua", "print(require('a.b'))\n"], ["a/b.lua", "return 'é ∑ 🌙 \0 \ud800'"], ["empty.txt", ""]],
};

const read = (fragment: string) => sharedIn(codeOf(fragment)!);

test("a project comes back from its link as it was", async () => {
  const fragment = await fragmentOf(PROJECT);
  assert.match(fragment, /^#code=1[\w-]+$/);
  assert.deepEqual(await read(fragment), PROJECT);
  const long: Shared = { ...PROJECT, files: [["main.lua", Array.from({ length: 50_000 }, (_, i) => `print(${i * 7919})`).join("\n")]] };
  assert.deepEqual(await read(await fragmentOf(long)), long);
});

test("a link's wishes stand beside its project", async () => {
  const fragment = await fragmentOf(PROJECT, { embed: true, run: true });
  assert.deepEqual(wishesOf(fragment), { embed: true, run: true });
  assert.deepEqual(await read(fragment), PROJECT);
  assert.deepEqual(wishesOf("#code=1abc"), { embed: false, run: false });
  assert.deepEqual([codeOf(""), codeOf("#"), codeOf("#section"), codeOf("#code"), codeOf("#embed&code=1x")], [undefined, undefined, undefined, "", "1x"]);
});

test("every damage of a link is noticed and said", async () => {
  const code = codeOf(await fragmentOf(PROJECT))!;
  const refused = (text: string) => assert.rejects(sharedIn(text), (error: Error) => error instanceof ShareError && /damaged|newer/.test(error.message), text);
  for (let length = 0; length < code.length; length++) await refused(code.slice(0, length));
  for (let at = 0; at < code.length; at++) await refused(code.slice(0, at) + (code[at] === "A" ? "B" : "A") + code.slice(at + 1));
  for (const text of ["", "1", "1AAAA", "1AAAAAA", "%31abc", "1a b", "1é", "x", code + "A", code + "=", ` ${code}`, code.toLowerCase(), "0" + code.slice(1)]) await refused(text);
  await assert.rejects(sharedIn("2abc"), /newer playground/);
});

/** A link of any JSON, as only one who means harm makes it. */
async function forged(value: unknown): Promise<string> {
  const stream = new Blob([typeof value === "string" ? value : JSON.stringify(value)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const packed = Buffer.from(await new Response(stream).arrayBuffer());
  const head = Buffer.alloc(4);
  head.writeUInt32BE(crc32(packed));
  return `1${Buffer.concat([head, packed]).toString("base64url")}`;
}

test("links that were forged are refused", async () => {
  assert.deepEqual(await sharedIn(await forged(PROJECT)), PROJECT);
  const wrong = [
    "null", "[]", "{", "1", { ...PROJECT, lua: "5.3" }, { ...PROJECT, files: [] }, { ...PROJECT, files: [["main.lua"]] }, { ...PROJECT, files: [["main.lua", 1]] }, { ...PROJECT, files: {} },
    { ...PROJECT, main: "other.lua" }, { ...PROJECT, main: 1 }, { ...PROJECT, files: [["main.lua", ""], ["main.lua", ""]] }, { ...PROJECT, files: [["../x", ""]], main: "../x" },
  ];
  for (const value of wrong) await assert.rejects(sharedIn(await forged(value)), ShareError, JSON.stringify(value));
  // 5 MiB of zeros are 5 kB of link.
  const bomb = await forged({ ...PROJECT, files: [["main.lua", "0".repeat(5 << 20)]] });
  assert.ok(bomb.length < 10_000);
  await assert.rejects(sharedIn(bomb), /more than 4 MiB/);
  await assert.rejects(fragmentOf({ ...PROJECT, files: [["main.lua", "0".repeat(5 << 20)]] }), /Export it as a zip/);
});

test("names stay within the project", () => {
  for (const name of ["main.lua", "a/b/c.lua", ".hidden", "with space.lua", "a..b", "é.lua", "x"]) assert.equal(faultOf(name), undefined, name);
  for (const name of ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "..", "a/./b", "a\\b", "C:x", "a\0b", "a\nb", " a", "a ", "x".repeat(201)]) assert.ok(faultOf(name), JSON.stringify(name));
  const taken = new Set(["main.lua", "main-2.lua", "a/.x", "b.c/d"]);
  const free = (name: string) => freeName(name, (one) => taken.has(one));
  assert.deepEqual(["main.lua", "new.lua", "a/.x", "b.c/d"].map(free), ["main-3.lua", "new.lua", "a/.x-2", "b.c/d-2"]);
});

test("a project comes back from its archive, and equal projects are equal archives", () => {
  const files: [string, string][] = [["main.lua", "print(1)\n"], ["a/b.lua", "return 'é ∑ 🌙'"], ["empty.txt", ""]];
  const archive = archiveOf(files);
  assert.deepEqual(filesIn(archive), { files, left: [] });
  assert.deepEqual(archiveOf(files), archive);
});

test("what an archive has that is no file of a project is left out and said", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const { files, left } = filesIn(zipSync({ "main.lua": bytes("x = 1"), "image.png": Uint8Array.of(0x89, 0x50, 0xff), "folder/": new Uint8Array(), "__MACOSX/x": bytes("y"), "../up.lua": bytes("z") }));
  assert.deepEqual(files, [["main.lua", "x = 1"]]);
  assert.equal(left.length, 2);
  assert.match(left.join(), /\.\.\/up\.lua: A name may not lead out.*image\.png: It is no text/);
});

test("damaged archives are refused whole", () => {
  const archive = archiveOf([["main.lua", "print('hello hello hello hello')\n".repeat(20)], ["b.lua", "return 1"]]);
  const original = JSON.stringify(filesIn(archive));
  for (const bytes of [new Uint8Array(), Uint8Array.of(1, 2, 3), new TextEncoder().encode("print(1)"), archive.subarray(0, archive.length - 10), archive.subarray(20)]) assert.throws(() => filesIn(bytes), ArchiveError);
  for (let at = 0; at < archive.length; at++) {
    const changed = archive.slice();
    changed[at]! ^= 0x55;
    try {
      // What is not looked at, as a time, may change; what is in the files may not.
      const { files, left } = filesIn(changed);
      if (left.length === 0 && files.length === 2) assert.equal(JSON.stringify(files.map(([, text]) => text)), JSON.stringify((JSON.parse(original) as { files: [string, string][] }).files.map(([, text]) => text)), String(at));
    } catch (error) {
      assert.ok(error instanceof ArchiveError, `${at}: ${String(error)}`);
    }
  }
  assert.throws(() => filesIn(zipSync({ "a.lua": new Uint8Array(17 << 20) })), /more than the playground keeps/);
  assert.throws(() => filesIn(zipSync(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`${i}.lua`, new Uint8Array()])))), /1000 files/);
  assert.throws(() => filesIn(zipSync({})), /no file in the archive/);
});
