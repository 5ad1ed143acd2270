/** Reads the texts and bytes that are written down in an expression. */
import { CelSyntaxError } from './error.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

const CODE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})/y;
const LAST_CODE_POINT = 0x10_ff_ff;

type Read = { readonly value: string | Uint8Array; readonly end: number };

/** `opening`: the prefix and the quotes with which it begins. */
export function readText(source: string, at: number, opening: string): Read {
  const quotes = opening.replace(/^[a-z]*/i, '');
  const prefix = opening.slice(0, opening.length - quotes.length).toLowerCase();
  const isBytes = prefix.includes('b');
  const parts: (string | number)[] = [];
  let position = at + opening.length;
  while (!source.startsWith(quotes, position)) {
    const character = source.charAt(position);
    if (character === '' || (character === '\n' && quotes.length === 1))
      throw new CelSyntaxError(source, at, `Syntax error: token recognition error at: '${source.slice(at)}'`);
    if (character === '\\' && !prefix.includes('r')) {
      const escape = readEscape(source, position);
      // A number in bytes is a byte, in a text it is a character.
      parts.push(typeof escape.value === 'number' && !isBytes ? String.fromCodePoint(escape.value) : escape.value);
      position = escape.end;
    } else {
      parts.push(character);
      position++;
    }
  }
  const end = position + quotes.length;
  return { value: isBytes ? bytesOf(parts) : parts.join(''), end };
}

type Escape = { readonly value: string | number; readonly end: number };

function readEscape(source: string, at: number): Escape {
  const simple = SIMPLE[source.charAt(at + 1)];
  if (simple !== undefined) return { value: simple, end: at + 2 };
  CODE.lastIndex = at + 1;
  const [all, byte, short, long, octal] = CODE.exec(source) ?? [];
  if (all === undefined) throw new CelSyntaxError(source, at, 'Syntax error: unable to unescape string');
  const end = at + 1 + all.length;
  if (byte !== undefined) return { value: parseInt(byte, 16), end };
  if (octal !== undefined) return { value: parseInt(octal, 8), end };
  const code = parseInt(short ?? long ?? '', 16);
  if (code > LAST_CODE_POINT) throw new CelSyntaxError(source, at, 'Syntax error: unable to unescape string');
  return { value: String.fromCodePoint(code), end };
}

function bytesOf(parts: readonly (string | number)[]): Uint8Array {
  return Uint8Array.from(
    Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part)))),
  );
}
