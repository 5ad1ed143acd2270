/**
 * Walks over JSON text once without building it: refuses what is broken, too deep or has lone surrogates, and finds keys that
 * appear twice. The platform's parser says none of this, and words its errors unlike what clients of Kubernetes know.
 */
import { DecodeError } from './decode-error.ts';

// Deeper than any real object; code that walks objects may recurse this far.
export const MAX_DEPTH = 100;
const MAX_DUPLICATES = 100;
// Of a number that is too large.
const SHOWN = 100;

/** Throws `DecodeError`; returns the paths of duplicate keys, such as `spec.containers[0].image`. */
export function scanJson(text: string): readonly string[] {
  const scanner = new Scanner(text);
  return scanner.scan();
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };
const [QUOTE, BACKSLASH, SPACE] = [0x22, 0x5c, 0x20];

class Scanner {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  readonly #path: (string | number)[] = [];
  readonly #duplicates = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly string[] {
    this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
    return [...this.#duplicates];
  }

  #value(): void {
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === '{') this.#nested(() => this.#object());
    else if (first === '[') this.#nested(() => this.#array());
    else if (first === '"') this.#string();
    else if (first !== undefined && Object.hasOwn(LITERALS, first)) this.#literal(LITERALS[first] ?? '');
    else this.#number();
  }

  #nested(scan: () => void): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new DecodeError('exceeded max depth');
    this.#at += 1;
    scan();
    this.#depth -= 1;
  }

  #object(): void {
    if (this.#closes('}')) return;
    const keys = new Keys();
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      this.#path.push(key);
      if (!keys.add(key)) this.#noteDuplicate();
      this.#expect(':', 'after object key');
      this.#value();
      this.#path.pop();
      if (this.#closes('}')) return;
      this.#expect(',', 'after object key:value pair');
    }
  }

  #array(): void {
    if (this.#closes(']')) return;
    for (let index = 0; ; index += 1) {
      this.#path.push(index);
      this.#value();
      this.#path.pop();
      if (this.#closes(']')) return;
      this.#expect(',', 'after array element');
    }
  }

  #closes(bracket: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string, where: string): void {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) throw this.#unexpected(where);
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at + 1;
    let hasEscapes = false;
    for (this.#at = start; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      // Past the end the code is NaN, which is not at least a space either.
      if (!(code >= SPACE)) throw this.#unexpected('in string literal');
      if (code === BACKSLASH) {
        hasEscapes = true;
        this.#escape();
      }
    }
    const raw = this.#text.slice(start, this.#at);
    this.#at += 1;
    if (!hasEscapes) return raw;
    const value = JSON.parse(`"${raw}"`) as string;
    if (!value.isWellFormed()) throw new DecodeError('invalid escape in string literal: a surrogate stands alone');
    return value;
  }

  /** Leaves the position on the escape's last character. */
  #escape(): void {
    this.#at += 1;
    const character = this.#text[this.#at];
    if (character === 'u') {
      for (let digit = 0; digit < 4; digit += 1) {
        this.#at += 1;
        if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? ''))
          throw this.#unexpected(String.raw`in \u hexadecimal character escape`);
      }
    } else if (character === undefined || !'"\\/bfnrt'.includes(character)) {
      throw this.#unexpected('in string escape code');
    }
  }

  #literal(word: string): void {
    for (const [index, letter] of word.split('').entries()) {
      if (this.#text[this.#at] !== letter) {
        throw this.#unexpected(
          index === 0 ? 'looking for beginning of value' : `in literal ${word} (expecting '${letter}')`,
        );
      }
      this.#at += 1;
    }
  }

  #number(): void {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) {
      const isMinus = this.#text[this.#at] === '-';
      if (isMinus) this.#at += 1;
      throw this.#unexpected(isMinus ? 'in numeric literal' : 'looking for beginning of value');
    }
    this.#at += match[0].length;
    this.#refuseBrokenNumber(match[0]);
    if (!Number.isFinite(Number(match[0]))) {
      throw new DecodeError(`json: cannot unmarshal number ${match[0].slice(0, SHOWN)} into Go value of type float64`);
    }
  }

  /** `1.` and `1e` match up to their last good digit. */
  #refuseBrokenNumber(number: string): void {
    const next = this.#text[this.#at];
    if (next === '.' && !/[.eE]/.test(number)) {
      this.#at += 1;
      throw this.#unexpected('after decimal point in numeric literal');
    }
    if ((next === 'e' || next === 'E') && !/[eE]/.test(number)) {
      this.#at += /^[-+]$/.test(this.#text[this.#at + 1] ?? '') ? 2 : 1;
      throw this.#unexpected('in exponent of numeric literal');
    }
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return;
      this.#at += 1;
    }
  }

  #noteDuplicate(): void {
    if (this.#duplicates.size < MAX_DUPLICATES) this.#duplicates.add(pathText(this.#path));
  }

  #unexpected(where: string): DecodeError {
    const codePoint = this.#text.codePointAt(this.#at);
    if (codePoint === undefined) return new DecodeError('unexpected end of JSON input');
    return new DecodeError(`invalid character ${quoteCharacter(String.fromCodePoint(codePoint))} ${where}`);
  }
}

/** `spec.containers[0].image`, as upstream writes the paths of strict decoding errors. */
function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

function quoteCharacter(character: string): string {
  if (character === "'") return String.raw`'\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}

/** The keys of one object. Most objects are small: a list is faster for them than a set. */
class Keys {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** Whether the key is new. */
  add(key: string): boolean {
    if (this.#many === undefined) {
      if (this.#few.includes(key)) return false;
      this.#few.push(key);
      if (this.#few.length > 12) this.#many = new Set(this.#few);
      return true;
    }
    if (this.#many.has(key)) return false;
    this.#many.add(key);
    return true;
  }
}
