// A project as the fragment of an address: no server sees it, and nothing is stored anywhere.
//
// `code` is the form's number, then base64url of: 4 bytes of CRC-32 over the rest, and a raw deflate stream of JSON,
// `{"lua": "5.4", "main": "main.lua", "files": [["main.lua", "print(1)"], …]}`. `embed` asks for the small layout, `run` runs at once.
import type { Shared, Wishes } from "./address.js";
import { crc32 } from "./crc.js";
import { faultOf } from "./names.js";

/** A link that cannot be read; the message is for the user. */
export class ShareError extends Error {
  override name = "ShareError";
}

const FORM = "1";
const LARGEST = 4 << 20;
const DAMAGED = "This link is damaged: a part of it is missing or was changed on its way. Ask for it again, or copy it again as a whole.";
const NEWER = "This link was made by a newer playground. Reload this page to get it, or open the link where it was made.";
const TOO_LARGE = `This link holds more than ${LARGEST >> 20} MiB, which is more than the playground opens.`;

/** Sends bytes through a stream; ends it when more than `limit` come out. */
async function through(bytes: Uint8Array<ArrayBuffer>, transform: CompressionStream | DecompressionStream, limit = Infinity): Promise<Uint8Array> {
  const writer = transform.writable.getWriter();
  // What is wrong with the input comes out at the reader, too.
  void writer.write(bytes).catch(() => undefined);
  void writer.close().catch(() => undefined);
  const reader = (transform.readable as ReadableStream<Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length > limit) {
      void reader.cancel().catch(() => undefined);
      throw new ShareError(TOO_LARGE);
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) throw new ShareError(DAMAGED);
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** The fragment of an address that holds a project, with its `#`. */
export async function fragmentOf({ lua, main, files }: Shared, { embed, run }: Wishes = {}): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify({ lua, main, files }));
  if (json.length > LARGEST) throw new ShareError(`The project is larger than ${LARGEST >> 20} MiB, which is more than a link holds. Export it as a zip instead.`);
  const packed = await through(json, new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(4 + packed.length);
  new DataView(bytes.buffer).setUint32(0, crc32(packed));
  bytes.set(packed, 4);
  return `#${embed ? "embed&" : ""}${run ? "run&" : ""}code=${FORM}${toBase64Url(bytes)}`;
}

function isFiles(value: unknown): value is [string, string][] {
  const isFile = (file: unknown): boolean => Array.isArray(file) && file.length === 2 && file.every((part) => typeof part === "string");
  return Array.isArray(value) && value.length > 0 && value.every(isFile);
}

function sharedOf(json: string): Shared {
  let value: Partial<Record<keyof Shared, unknown>>;
  try {
    value = JSON.parse(json) as typeof value;
  } catch {
    throw new ShareError(DAMAGED);
  }
  const { lua, main, files } = value ?? {};
  if ((lua !== "5.4" && lua !== "5.5") || !isFiles(files) || typeof main !== "string") throw new ShareError(DAMAGED);
  const names = files.map(([name]) => name);
  if (names.some((name) => faultOf(name) !== undefined) || new Set(names).size < names.length || !names.includes(main)) throw new ShareError(DAMAGED);
  return { lua, main, files };
}

/** The project that a code holds. A `ShareError` says what is wrong with one. */
export async function sharedIn(code: string): Promise<Shared> {
  if (code === "" || code[0] === "0" || !/^[\w-]*$/.test(code)) throw new ShareError(DAMAGED);
  if (code[0] !== FORM) throw new ShareError(/\d/.test(code[0]!) ? NEWER : DAMAGED);
  const bytes = fromBase64Url(code.slice(1));
  const packed = bytes.subarray(4);
  if (bytes.length < 5 || new DataView(bytes.buffer).getUint32(0) !== crc32(packed)) throw new ShareError(DAMAGED);
  let json: Uint8Array;
  try {
    json = await through(packed, new DecompressionStream("deflate-raw"), LARGEST);
  } catch (error) {
    throw error instanceof ShareError ? error : new ShareError(DAMAGED);
  }
  return sharedOf(new TextDecoder().decode(json));
}
