// Snapshots as they are stored: tests/harness/snapshot.rs says what each byte is.
import { createHash } from "node:crypto";

const MAGIC = Buffer.from("MOONSNAP");
const FORMAT = 2;
const HEADER = 128;
const HASHED = 96;
const PAGE = 64 * 1024;
const RECORD = 4 + PAGE;
const ZEROS = Buffer.alloc(PAGE);
const POISONED = 36;
const LUA_VERSION_NUM = 38;

const hash = (bytes) => createHash("sha256").update(bytes).digest();
const buildId = (lua) => Buffer.from(new Uint8Array(lua.memory.buffer, lua.build_id_ptr(), 32));

/** The instance in the stored form. */
export function save(lua) {
  if (lua.status() === POISONED) throw new Error("the instance was torn down by the engine");
  const memory = Buffer.from(lua.memory.buffer);
  const records = [];
  let pages = 0;
  for (let number = 0; number * PAGE < memory.length; number++) {
    const page = memory.subarray(number * PAGE, (number + 1) * PAGE);
    if (page.equals(ZEROS)) continue;
    pages = number + 1;
    records.push(Buffer.from(Uint32Array.of(number).buffer), page);
  }
  const payload = Buffer.concat(records);
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(FORMAT, 8);
  header.writeUInt32LE(lua.abi_version(), 12);
  header.writeUInt32LE(lua.get(LUA_VERSION_NUM), 16);
  header.writeUInt32LE(pages, 20);
  buildId(lua).copy(header, 24);
  header.writeBigUInt64LE(BigInt(payload.length), 56);
  hash(payload).copy(header, 64);
  hash(header.subarray(0, HASHED)).copy(header, HASHED);
  return Buffer.concat([header, payload]);
}

/** Makes the instance, whatever it is, what it was when `bytes` were saved; throws, and leaves it as it is, when they are not whole. */
export function restore(lua, bytes) {
  const refuse = (reason) => {
    throw new Error(reason);
  };
  if (!bytes.subarray(0, 8).equals(MAGIC.subarray(0, bytes.length))) refuse("this is no snapshot");
  if (bytes.length < HEADER) refuse("the snapshot is cut short");
  if (bytes.readUInt32LE(8) !== FORMAT) refuse("the snapshot has a form that is not known here");
  if (!hash(bytes.subarray(0, HASHED)).equals(bytes.subarray(HASHED, HEADER))) refuse("the snapshot's header is damaged");
  if (!bytes.subarray(24, 56).equals(buildId(lua))) refuse("the snapshot was made by another build");
  const pages = bytes.readUInt32LE(20);
  const length = Number(bytes.readBigUInt64LE(56));
  if (length % RECORD !== 0 || length / RECORD > pages) refuse("the snapshot's header is damaged");
  const payload = bytes.subarray(HEADER);
  if (payload.length < length) refuse("the snapshot is cut short");
  if (payload.length > length) refuse("the snapshot goes on after its end");
  let next = 0;
  for (let at = 0; at < length; at += RECORD) {
    if (payload.readUInt32LE(at) < next) refuse("the snapshot's payload is damaged");
    next = payload.readUInt32LE(at) + 1;
  }
  if (next !== pages || !hash(payload).equals(bytes.subarray(64, 96))) refuse("the snapshot's payload is damaged");
  const missing = pages - lua.memory.buffer.byteLength / PAGE;
  if (missing > 0) lua.memory.grow(missing);
  const memory = new Uint8Array(lua.memory.buffer).fill(0);
  for (let at = 0; at < length; at += RECORD) {
    memory.set(payload.subarray(at + 4, at + RECORD), payload.readUInt32LE(at) * PAGE);
  }
}
