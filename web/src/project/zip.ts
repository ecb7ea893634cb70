import { strFromU8, strToU8, unzipSync, zipSync, type Unzipped } from "fflate";

import { crc32 } from "./crc.js";
import { faultOf } from "./names.js";

/** An archive that cannot be read; the message is for the user. */
export class ArchiveError extends Error {
  override name = "ArchiveError";
}

/** What was found in an archive. */
export interface Imported {
  files: [string, string][];
  /** What was left out, each with the reason. */
  left: string[];
}

const LARGEST = 16 << 20;
const MOST = 1000;
const TOO_LARGE = `The archive holds more than ${LARGEST >> 20} MiB or ${MOST} files, which is more than the playground keeps.`;

// With a fixed time equal projects give equal archives.
const TIME = "1980-01-01T12:00:00";

/** All files of a project as a zip archive. */
export function archiveOf(files: readonly (readonly [string, string])[]): Uint8Array<ArrayBuffer> {
  const parts = Object.fromEntries(files.map(([name, text]) => [name, strToU8(text)]));
  return zipSync(parts, { level: 9, mtime: TIME }) as Uint8Array<ArrayBuffer>;
}

/** The text of a file; `undefined` where its bytes are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The checksums that an archive's directory has of its files. */
function checksumsOf(bytes: Uint8Array): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const found = new Map<string, number>();
  let at = view.getUint32(end + 16, true);
  while (view.getUint32(at, true) === 0x02014b50) {
    const length = view.getUint16(at + 28, true);
    found.set(strFromU8(bytes.subarray(at + 46, at + 46 + length)), view.getUint32(at + 16, true));
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

function unpack(bytes: Uint8Array, left: string[]): Unzipped {
  let total = 0;
  let count = 0;
  const filter = ({ name, originalSize, compression }: { name: string; originalSize: number; compression: number }): boolean => {
    if (name.endsWith("/") || name.startsWith("__MACOSX/")) return false;
    const fault = faultOf(name) ?? (compression !== 0 && compression !== 8 ? "It is packed in a way that is not read here." : undefined);
    if (fault) left.push(`${name}: ${fault}`);
    else if ((total += originalSize) > LARGEST || ++count > MOST) throw new ArchiveError(TOO_LARGE);
    return fault === undefined;
  };
  // Not the form with workers, which makes them from texts, and the page's policy refuses those.
  const unpacked = unzipSync(bytes, { filter });
  const checksums = checksumsOf(bytes);
  for (const [name, content] of Object.entries(unpacked)) {
    if (checksums.get(name) !== crc32(content)) throw new ArchiveError(`The archive is damaged: ${name} is not what was packed.`);
  }
  return unpacked;
}

/** The files of a zip archive. What cannot be a file of a project is left out and named; an `ArchiveError` says why nothing can be read. */
export function filesIn(bytes: Uint8Array): Imported {
  const left: string[] = [];
  let unpacked: Unzipped;
  try {
    unpacked = unpack(bytes, left);
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError("This is no zip archive, or it is damaged or encrypted.");
  }
  const files: [string, string][] = [];
  for (const [name, content] of Object.entries(unpacked)) {
    const text = textOf(content);
    if (text === undefined) left.push(`${name}: It is no text in UTF-8.`);
    else files.push([name, text]);
  }
  if (files.length === 0) throw new ArchiveError(["There is no file in the archive that the playground keeps.", ...left].join(" "));
  return { files, left };
}

