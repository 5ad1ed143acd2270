/**
 * `JSON.parse` that keeps whole numbers of 64 bits exact. The platform would tell the source of a number to a reviver, but ends the whole
 * process on some texts with the same key twice; so texts with long numbers, and only those, are read here.
 */
import { type ExactInteger, exactDigits } from './exact-integer.ts';

/** Throws `SyntaxError` as `JSON.parse` does. Beyond 64 bits, numbers are the nearest double, as upstream reads them. */
export function parseJsonExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return hasLongNumber(text) ? new Reader(text).read(value) : value;
}

// As few digits as a whole number has that a double may not hold.
const MANY = 16;

/** Whether so many digits stand in a row: a long number, or a text that is none. Looks at every sixteenth character only. */
function hasLongNumber(text: string): boolean {
  for (let at = MANY - 1; at < text.length; at += MANY) {
    if (isDigit(text.charCodeAt(at)) && digitsAround(text, at) >= MANY) return true;
  }
  return false;
}

function digitsAround(text: string, at: number): number {
  let first = at;
  while (isDigit(text.charCodeAt(first - 1))) first -= 1;
  let end = at + 1;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end - first;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

// Deeper values come from nobody but those who attack; they keep their rounded numbers until they are refused.
const MAX_DEPTH = 200;
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const NUMBER = /[-+.\deE]+/y;
const WORD = /[a-z]+/y;
const WHOLE = /^-?\d+$/;

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads text that is known to be valid. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `rounded` is what `JSON.parse` has read. */
  read(rounded: unknown): unknown {
    const value = this.#value();
    return this.#depth > MAX_DEPTH ? rounded : value;
  }

  #value(): unknown {
    if (this.#depth > MAX_DEPTH) return undefined;
    this.#skipSpace();
    switch (this.#text.charAt(this.#at)) {
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
        return this.#string();
      case 't':
      case 'f':
      case 'n':
        return this.#word();
      default:
        return this.#number();
    }
  }

  #object(): unknown {
    const object: Record<string, unknown> = {};
    this.#enter();
    while (!this.#leaves('}')) {
      this.#skipSpace();
      const key = this.#string();
      this.#pass(COLON);
      const value = this.#value();
      if (this.#depth > MAX_DEPTH) return undefined;
      // Only this name would set a prototype instead of an own key.
      if (key === '__proto__') {
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      } else object[key] = value;
      this.#pass(COMMA);
    }
    return object;
  }

  #list(): unknown {
    const list: unknown[] = [];
    this.#enter();
    while (!this.#leaves(']')) {
      list.push(this.#value());
      if (this.#depth > MAX_DEPTH) return undefined;
      this.#pass(COMMA);
    }
    return list;
  }

  #enter(): void {
    this.#depth += 1;
    this.#at += 1;
  }

  #leaves(bracket: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== bracket) return false;
    this.#depth -= 1;
    this.#at += 1;
    return true;
  }

  #pass(code: number): void {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) === code) this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    if (this.#text.charCodeAt(end - 1) === BACKSLASH) end = this.#endOfEscaped(start + 1);
    this.#at = end + 1;
    const raw = this.#text.slice(start + 1, end);
    return raw.includes('\\') ? (JSON.parse(this.#text.slice(start, end + 1)) as string) : raw;
  }

  /** Where a string ends that may have very many escapes: searching for quotes would begin anew with each. */
  #endOfEscaped(start: number): number {
    let at = start;
    for (let code = this.#text.charCodeAt(at); code !== QUOTE; code = this.#text.charCodeAt(at)) {
      at += code === BACKSLASH ? 2 : 1;
    }
    return at;
  }

  #word(): unknown {
    WORD.lastIndex = this.#at;
    const [word = ''] = WORD.exec(this.#text) ?? [];
    this.#at += word.length;
    return WORDS.get(word);
  }

  #number(): number | ExactInteger {
    NUMBER.lastIndex = this.#at;
    const start = this.#at;
    // Not `exec`: its answer is an object, and there may be very many numbers.
    if (NUMBER.test(this.#text)) this.#at = NUMBER.lastIndex;
    const source = this.#text.slice(start, this.#at);
    const double = Number(source);
    if (Number.isSafeInteger(double) || !WHOLE.test(source)) return double;
    return exactDigits(source) ?? double;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }
}
