// The stored form of snapshots, which ABI.md describes.

import { LuaRefusedError } from "./errors.js";
import { Figure, Status } from "./numbers.js";
import type { Instance } from "./instance.js";
import { sha256 } from "./sha256.js";

const LETTERS = 0x4d4f4f4e534e4150n; // MOONSNAP
const FORM = 2;
const HEADER = 128;
const PAGE = 65536;
const RECORD = 4 + PAGE;

/** Where each field of the header stands. */
const enum Field {
  LETTERS = 0,
  FORM = 8,
  ABI = 12,
  LUA = 16,
  PAGES = 20,
  BUILD = 24,
  LENGTH = 56,
  PAYLOAD_HASH = 64,
  HEADER_HASH = 96,
}

function buildOf(instance: Instance): Uint8Array {
  const at = instance.guard(() => instance.exports.build_id_ptr());
  return instance.bytes.slice(at, at + 32);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The instance in the stored form. */
export function save(instance: Instance): Uint8Array {
  instance.letGo();
  const build = buildOf(instance);
  const memory = instance.bytes;
  const used: number[] = [];
  for (let page = 0; page * PAGE < memory.length; page++) {
    // Numbers of 32 bits are compared faster than bytes, and none is cut by a page's end.
    if (!isEmpty(new Int32Array(memory.buffer, page * PAGE, PAGE / 4))) used.push(page);
  }
  const bytes = new Uint8Array(HEADER + used.length * RECORD);
  const view = new DataView(bytes.buffer);
  used.forEach((page, i) => {
    const at = HEADER + i * RECORD;
    view.setUint32(at, page, true);
    bytes.set(memory.subarray(page * PAGE, (page + 1) * PAGE), at + 4);
  });
  view.setBigUint64(Field.LETTERS, LETTERS);
  view.setUint32(Field.FORM, FORM, true);
  view.setUint32(Field.ABI, instance.exports.abi_version(), true);
  view.setUint32(Field.LUA, instance.get(Figure.LUA_VERSION_NUM), true);
  view.setUint32(Field.PAGES, used.at(-1)! + 1, true);
  bytes.set(build, Field.BUILD);
  view.setBigUint64(Field.LENGTH, BigInt(used.length * RECORD), true);
  bytes.set(sha256(bytes.subarray(HEADER)), Field.PAYLOAD_HASH);
  bytes.set(sha256(bytes.subarray(0, Field.HEADER_HASH)), Field.HEADER_HASH);
  return bytes;
}

const DAMAGED = "the snapshot is damaged or cut short; restore an older one";

function isEmpty(words: Int32Array): boolean {
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}

function fail(message: string): never {
  throw new LuaRefusedError(message, { status: Status.BAD_DATA });
}

/** Checks a snapshot for an instance, and answers the pages that it needs. */
function check(instance: Instance, bytes: Uint8Array, view: DataView): number {
  if (bytes.length < HEADER || view.getBigUint64(Field.LETTERS) !== LETTERS) fail("this is no snapshot of Moonlet");
  if (view.getUint32(Field.FORM, true) !== FORM) fail("the snapshot has another form; use a newer moonlet");
  if (!equal(sha256(bytes.subarray(0, Field.HEADER_HASH)), bytes.subarray(Field.HEADER_HASH, HEADER))) {
    fail(DAMAGED);
  }
  // Asked in any case: it puts in order what a call that was torn down left outside of memory.
  const build = buildOf(instance);
  if (!equal(build, bytes.subarray(Field.BUILD, Field.LENGTH))) {
    const [theirs, ours] = [view.getUint32(Field.LUA, true), instance.get(Figure.LUA_VERSION_NUM)];
    fail(
      theirs === ours || Number.isNaN(ours)
        ? "the snapshot was made by another build; load its module"
        : `the snapshot is one of Lua ${theirs / 100 | 0}.${theirs % 100}, and this is Lua ${ours / 100 | 0}.${ours % 100}`,
    );
  }
  const payload = bytes.subarray(HEADER);
  let isWhole =
    view.getBigUint64(Field.LENGTH, true) === BigInt(payload.length) &&
    payload.length % RECORD === 0 &&
    equal(sha256(payload), bytes.subarray(Field.PAYLOAD_HASH, Field.HEADER_HASH));
  let next = 0;
  for (let at = HEADER; isWhole && at < bytes.length; at += RECORD) {
    const page = view.getUint32(at, true);
    isWhole = page >= next;
    next = page + 1;
  }
  if (!isWhole || view.getUint32(Field.PAGES, true) !== next) fail(DAMAGED);
  return next;
}

/** Makes an instance what it was when `bytes` were saved, or throws and leaves it as it is. A number that the snapshot stands for. */
export function load(instance: Instance, bytes: Uint8Array): number {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("a snapshot is a Uint8Array, as snapshot() answers it");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages = check(instance, bytes, view);
  const missing = pages - instance.bytes.length / PAGE;
  try {
    if (missing > 0) instance.exports.memory.grow(missing);
  } catch {
    throw new LuaRefusedError(`the snapshot needs ${pages} pages of 64 KiB, more than the engine gives`, {
      status: Status.TOO_BIG,
    });
  }
  const memory = instance.bytes.fill(0);
  for (let at = HEADER; at < bytes.length; at += RECORD) {
    memory.set(bytes.subarray(at + 4, at + RECORD), view.getUint32(at, true) * PAGE);
  }
  instance.forget();
  return view.getUint32(Field.PAYLOAD_HASH);
}
