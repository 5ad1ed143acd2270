/** Reads DER, the encoding of certificates and requests for them: values one inside the other, each with a tag and a length. */

export class DerError extends Error {
  override readonly name = 'DerError';
}

export type DerValue = {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content: what a signature is over. */
  readonly whole: Buffer;
};

const LONG_FORM = 0x80;
// Four bytes of length are more than any request may be long.
const LENGTH_BYTES = 4;

/** The values that `bytes` consist of, one after the other. */
export function readValues(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = readValue(bytes, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** The parts of a constructed value with this tag. */
export function partsOf(value: DerValue | undefined, tag: number): readonly DerValue[] {
  return readValues(contentOf(value, tag));
}

export function contentOf(value: DerValue | undefined, tag: number): Buffer {
  if (value === undefined) throw new DerError('data truncated');
  if (value.tag !== tag) throw new DerError(`tags don't match (${tag} vs ${value.tag})`);
  return value.content;
}

/** Bits that fill whole bytes. */
export function bitsOf(value: DerValue | undefined): Buffer {
  const content = contentOf(value, 0x03);
  if (content[0] !== 0) throw new DerError('invalid padding bits in BIT STRING');
  return content.subarray(1);
}

const ENCODINGS: ReadonlyMap<number, 'utf8' | 'latin1'> = new Map([
  [0x0c, 'utf8'],
  [0x13, 'latin1'],
  [0x16, 'latin1'],
]);

/** A text as names have it. Other encodings, in which the same bytes are another name to somebody else, are not read. */
export function textOf(value: DerValue | undefined): string {
  const encoding = value === undefined ? undefined : ENCODINGS.get(value.tag);
  if (value === undefined || encoding === undefined) throw new DerError('unsupported string type');
  const text = value.content.toString(encoding);
  if (/\p{Cc}/u.test(text)) throw new DerError('control character in string');
  return text;
}

/** `1.2.840.10045.4.3.2` */
export function identifierOf(value: DerValue | undefined): string {
  const content = contentOf(value, 0x06);
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    numbers.push(number);
    number = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

function readValue(bytes: Buffer, at: number): DerValue {
  const [tag, short] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || short === undefined) throw new DerError('data truncated');
  const digits = short < LONG_FORM ? 0 : short - LONG_FORM;
  if (digits > LENGTH_BYTES || short === LONG_FORM) throw new DerError('length too large');
  const start = at + 2 + digits;
  if (start > bytes.length) throw new DerError('data truncated');
  const length = digits === 0 ? short : bytes.readUIntBE(at + 2, digits);
  if (start + length > bytes.length) throw new DerError('data truncated');
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}
