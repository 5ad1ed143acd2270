/** Reads from an ELF program which interpreter and shared libraries it needs. */

export type ElfNeeds = {
  /** Path of the dynamic loader; absent in static programs and in libraries. */
  readonly interpreter: string | undefined;
  /** Library file names such as `libc.so.6`, in the order of the file. */
  readonly libraries: readonly string[];
};

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;

type Segment = { readonly type: number; readonly offset: number; readonly address: number; readonly size: number };

/** The needs of a 64-bit little-endian ELF file; undefined for every other file, such as a script. */
export function decodeElfNeeds(bytes: Buffer): ElfNeeds | undefined {
  // Byte 4 is the class (2 = 64 bit), byte 5 the byte order (1 = little-endian).
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const segments = readSegments(bytes);
  const interpreter = segments.find((segment) => segment.type === PT_INTERP);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  return {
    interpreter: interpreter === undefined ? undefined : textAt(bytes, interpreter.offset),
    libraries: dynamic === undefined ? [] : readLibraries(bytes, dynamic, segments),
  };
}

function readSegments(bytes: Buffer): readonly Segment[] {
  const start = Number(bytes.readBigUInt64LE(32));
  const entrySize = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * entrySize;
    return {
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: Number(bytes.readBigUInt64LE(at + 16)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
    };
  });
}

function readLibraries(bytes: Buffer, dynamic: Segment, segments: readonly Segment[]): readonly string[] {
  const needed: number[] = [];
  let strings = 0;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const tag = Number(bytes.readBigInt64LE(at));
    const value = Number(bytes.readBigUInt64LE(at + 8));
    if (tag === DT_NEEDED) needed.push(value);
    if (tag === DT_STRTAB) strings = value;
  }
  const offset = fileOffset(strings, segments);
  return offset === undefined ? [] : needed.map((position) => textAt(bytes, offset + position));
}

// The string table is given as an address in memory; the loadable segments say where in the file that is.
function fileOffset(address: number, segments: readonly Segment[]): number | undefined {
  const home = segments.find(
    (segment) => segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  return home === undefined ? undefined : home.offset + address - home.address;
}

function textAt(bytes: Buffer, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return bytes.toString('utf8', offset, end < 0 ? bytes.length : end);
}
