/** Writes deterministic tar archives: the same entries always give the same bytes. */

/** One member of an archive. Names are relative and carry no trailing slash. */
export type TarEntry =
  | { readonly type: 'file'; readonly name: string; readonly mode: number; readonly content: Buffer }
  | { readonly type: 'directory'; readonly name: string; readonly mode: number }
  | { readonly type: 'symlink'; readonly name: string; readonly target: string };

const BLOCK = 512;
// 1 January 2026 UTC. A real date, because servers derive Last-Modified from it and year 1970 upsets some clients.
const FIXED_TIME_SECONDS = 1_767_225_600;

const TYPE_FLAG = { file: '0', symlink: '2', directory: '5' } as const;

/** The archive as one buffer, members in the order given, owned by root, with a fixed time. */
export function encodeTar(entries: readonly TarEntry[]): Buffer {
  const chunks: Buffer[] = [];
  for (const entry of entries) {
    const name = entry.type === 'directory' ? `${entry.name}/` : entry.name;
    const target = entry.type === 'symlink' ? entry.target : '';
    const content = entry.type === 'file' ? entry.content : Buffer.alloc(0);
    const mode = entry.type === 'symlink' ? 0o777 : entry.mode;
    if (!fits(name) || !fits(target)) chunks.push(...extendedHeader(name, target));
    chunks.push(header({ name, target, mode, size: content.length, flag: TYPE_FLAG[entry.type] }));
    chunks.push(content, padding(content.length));
  }
  chunks.push(Buffer.alloc(2 * BLOCK)); // two empty blocks end an archive
  return Buffer.concat(chunks);
}

type Header = {
  readonly name: string;
  readonly target: string;
  readonly mode: number;
  readonly size: number;
  readonly flag: string;
};

function header({ name, target, mode, size, flag }: Header): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108); // uid
  block.write(octal(0, 7), 116); // gid
  block.write(octal(size, 11), 124);
  block.write(octal(FIXED_TIME_SECONDS, 11), 136);
  block.write(' '.repeat(8), 148); // the checksum counts its own field as spaces
  block.write(flag, 156);
  block.write(target, 157, 100);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\u0000 `, 148);
  return block;
}

/** A pax record pair for names that the 100-byte fields cannot hold. */
function extendedHeader(name: string, target: string): Buffer[] {
  const records = paxRecord('path', name) + (target === '' ? '' : paxRecord('linkpath', target));
  const content = Buffer.from(records);
  return [
    header({ name: 'pax-header', target: '', mode: 0o644, size: content.length, flag: 'x' }),
    content,
    padding(content.length),
  ];
}

// A record starts with its own length in decimal, digits included, hence the search for the fixed point.
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restLength = Buffer.byteLength(rest);
  let length = restLength;
  while (length !== restLength + String(length).length) length = restLength + String(length).length;
  return `${length}${rest}`;
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= 100 && /^[\x20-\x7e]*$/.test(text);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padding(length: number): Buffer {
  return Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);
}
