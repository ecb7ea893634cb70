// Snapshots as they are stored: tests/harness/snapshot.rs says what each byte is.
import { createHash } from "node:crypto";

const MAGIC = Buffer.from("MOONSNAP");
const FORMAT = 1;
const HEADER = 128;
const HASHED = 96;
const PAGE = 64 * 1024;
const POISONED = 36;
const LUA_VERSION_NUM = 38;

const hash = (bytes) => createHash("sha256").update(bytes).digest();
const buildId = (lua) => Buffer.from(new Uint8Array(lua.memory.buffer, lua.build_id_ptr(), 32));

/** The instance in the stored form. */
export function save(lua) {
  if (lua.status() === POISONED) throw new Error("the instance was torn down by the engine");
  const payload = Buffer.from(lua.memory.buffer);
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(FORMAT, 8);
  header.writeUInt32LE(lua.abi_version(), 12);
  header.writeUInt32LE(lua.get(LUA_VERSION_NUM), 16);
  header.writeUInt32LE(payload.length / PAGE, 20);
  buildId(lua).copy(header, 24);
  header.writeBigUInt64LE(BigInt(payload.length), 56);
  hash(payload).copy(header, 64);
  hash(header.subarray(0, HASHED)).copy(header, HASHED);
  return Buffer.concat([header, payload]);
}

/** Makes the instance what it was when `bytes` were saved; throws, and leaves it as it is, when they are not whole. */
export function restore(lua, bytes) {
  const refuse = (reason) => {
    throw new Error(reason);
  };
  if (!bytes.subarray(0, 8).equals(MAGIC.subarray(0, bytes.length))) refuse("this is no snapshot");
  if (bytes.length < HEADER) refuse("the snapshot is cut short");
  if (bytes.readUInt32LE(8) !== FORMAT) refuse("the snapshot has a form that is not known here");
  if (!hash(bytes.subarray(0, HASHED)).equals(bytes.subarray(HASHED, HEADER))) refuse("the snapshot's header is damaged");
  if (!bytes.subarray(24, 56).equals(buildId(lua))) refuse("the snapshot was made by another build");
  const length = bytes.readUInt32LE(20) * PAGE;
  if (bytes.readBigUInt64LE(56) !== BigInt(length)) refuse("the snapshot's header is damaged");
  const payload = bytes.subarray(HEADER);
  if (payload.length < length) refuse("the snapshot is cut short");
  if (payload.length > length) refuse("the snapshot goes on after its end");
  if (!hash(payload).equals(bytes.subarray(64, 96))) refuse("the snapshot's payload is damaged");
  if (lua.status() === POISONED || lua.memory.buffer.byteLength > length) refuse("the instance is not a fresh one");
  lua.memory.grow((length - lua.memory.buffer.byteLength) / PAGE);
  new Uint8Array(lua.memory.buffer).set(payload);
}
