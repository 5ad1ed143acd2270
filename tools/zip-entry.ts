/** Reads one entry of a zip archive: enough for archives that packages ship, without a tool of the machine. */
import { crc32, inflateRawSync } from 'node:zlib';

// Signatures and field offsets are the ones of the format's public description (PKWARE APPNOTE, 4.3).
const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_SIZE = 22;
const DIRECTORY_ENTRY_SIZE = 46;
const LOCAL_HEADER_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;

type Entry = {
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly headerAt: number;
};

/** The content of `name`, checked against the checksum in the archive. */
export function readZipEntry(archive: Buffer, name: string): Buffer {
  const { method, crc, compressedSize, headerAt } = findEntry(archive, name);
  const nameLength = archive.readUInt16LE(headerAt + 26);
  const extraLength = archive.readUInt16LE(headerAt + 28);
  const start = headerAt + LOCAL_HEADER_SIZE + nameLength + extraLength;
  const content = unpack(archive.subarray(start, start + compressedSize), method, name);
  if (crc32(content) !== crc) throw new Error(`Cannot read "${name}" from the archive: its checksum is wrong`);
  return content;
}

function unpack(packed: Buffer, method: number, name: string): Buffer {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new Error(`Cannot read "${name}" from the archive: compression method is ${method}`);
  try {
    return inflateRawSync(packed);
  } catch (cause) {
    throw new Error(`Cannot read "${name}" from the archive: its data is damaged`, { cause });
  }
}

function findEntry(archive: Buffer, name: string): Entry {
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count && archive.readUInt32LE(at) === DIRECTORY_ENTRY; index++) {
    const nameLength = archive.readUInt16LE(at + 28);
    const nameAt = at + DIRECTORY_ENTRY_SIZE;
    if (archive.toString('utf8', nameAt, nameAt + nameLength) === name) {
      return {
        method: archive.readUInt16LE(at + 10),
        crc: archive.readUInt32LE(at + 16),
        compressedSize: archive.readUInt32LE(at + 20),
        headerAt: archive.readUInt32LE(at + 42),
      };
    }
    at = nameAt + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`Cannot read "${name}" from the archive: it holds no such entry`);
}

// The record may be followed by a comment, so it is looked for from the back.
function findEnd(archive: Buffer): number {
  for (let at = archive.length - END_SIZE; at >= 0; at--) {
    if (archive.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw new Error('Cannot read the archive: it has no directory');
}
