/** Looks over a large JSON text before anything is built of it: what is too deep or has too many parts is refused while that is cheap. */
import { DecodeError } from './decode-error.ts';
import { MAX_DEPTH } from './json-scan.ts';

/** Objects with more fields than this are slow out of proportion, and nobody has them. */
export const MAX_FIELDS = 10_000;
/** Of all values of a body, in whatever form it comes. A definition of a megabyte has some ten thousand. */
export const MAX_VALUES = 100_000;

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Throws `DecodeError`. Text that is no JSON may pass: what is wrong with it, the parser says. */
export function requireBounded(text: string): void {
  const fields: number[] = [];
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) countField(fields);
    else if (code === COMMA) values += 1;
    else if (OPENING.has(code)) {
      // There is one value more in it than it has commas, unless it is empty.
      if (!CLOSING.has(text.charCodeAt(at + 1))) values += 1;
      if (fields.push(0) > MAX_DEPTH) throw new DecodeError('exceeded max depth');
    } else if (CLOSING.has(code)) fields.pop();
    if (values > MAX_VALUES) throw new DecodeError(`too many values: limit is ${MAX_VALUES}`);
  }
}

function countField(fields: number[]): void {
  const last = fields.length - 1;
  const count = (fields[last] ?? 0) + 1;
  if (count > MAX_FIELDS) throw new DecodeError(`too many fields in one object: limit is ${MAX_FIELDS}`);
  if (last >= 0) fields[last] = count;
}

/** Where the closing quote is; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

/** A character is escaped by an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}
