/** The few DER encodings that an X.509 certificate consists of. */

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const CONSTRUCTED = 0xa0;
const CONTEXT = 0x80;

export const TRUE = Buffer.from([0x01, 0x01, 0xff]);

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([0x80 | digits.length, ...digits]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(SEQUENCE, Buffer.concat(parts));
export const set = (...parts: readonly Buffer[]): Buffer => tagged(SET, Buffer.concat(parts));
export const octetString = (content: Buffer): Buffer => tagged(OCTET_STRING, content);
export const utf8String = (text: string): Buffer => tagged(UTF8_STRING, Buffer.from(text));

/** A constructed context tag, `[n] EXPLICIT`. */
export const explicit = (number: number, content: Buffer): Buffer => tagged(CONSTRUCTED | number, content);

/** A primitive context tag, `[n] IMPLICIT`. */
export const implicit = (number: number, content: Buffer): Buffer => tagged(CONTEXT | number, content);

/** Bits, of which the last `unused` of the last byte do not count. */
export const bitString = (content: Buffer, unused = 0): Buffer =>
  tagged(BIT_STRING, Buffer.concat([Buffer.from([unused]), content]));

/** A whole number that is not negative, given by its big-endian bytes. */
export function integer(magnitude: Buffer): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  const negative = ((digits[0] ?? 0) & 0x80) !== 0;
  return tagged(INTEGER, negative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(OBJECT_IDENTIFIER, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

/** RFC 5280: two-digit years up to 2049, four digits from then on. */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const year = Number(digits.slice(0, 4));
  return year < 2050 ? tagged(UTC_TIME, Buffer.from(digits.slice(2))) : tagged(GENERALIZED_TIME, Buffer.from(digits));
}
