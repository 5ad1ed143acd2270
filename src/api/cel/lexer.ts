/** Cuts the text of an expression into words, signs and literals. */
import { CelSyntaxError } from './error.ts';
import { readText } from './literal-text.ts';
import { CelUint, type CelValue } from './values.ts';

export type Token = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly value: CelValue }
  | { readonly kind: 'name' | 'sign'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' }
);

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y;
const NAME = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const NUMBER = /0x[0-9a-fA-F]+u?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+u?/iy;
const TEXT = /(?:[bB][rR]|[rR][bB]|[bBrR])?(?:"""|'''|"|')/y;
const SIGN = /&&|\|\||==|!=|<=|>=|\.\?|\[\?|[-+*/%<>!?:.,()[\]{}]/y;

const CONSTANTS = new Map<string, CelValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const LARGEST = 2n ** 63n;

export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = skip(source, 0); at < source.length;) {
    const [token, end] = tokenAt(source, at);
    tokens.push(token);
    at = skip(source, end);
  }
  return [...tokens, { kind: 'end', text: '', at: source.length }];
}

type Read = readonly [token: Token, end: number];

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

function skip(source: string, at: number): number {
  return at + (match(SPACE, source, at)?.length ?? 0);
}

function tokenAt(source: string, at: number): Read {
  const opening = match(TEXT, source, at);
  if (opening !== undefined) {
    const { value, end } = readText(source, at, opening);
    return [{ kind: 'literal', value, at }, end];
  }
  const digits = match(NUMBER, source, at);
  if (digits !== undefined) return [{ kind: 'literal', value: readNumber(digits, source, at), at }, at + digits.length];
  const name = match(NAME, source, at);
  if (name !== undefined) return [wordToken(name, at), at + name.length];
  const sign = match(SIGN, source, at);
  if (sign !== undefined) return [{ kind: 'sign', text: sign, at }, at + sign.length];
  throw new CelSyntaxError(source, at, `Syntax error: token recognition error at: '${source.charAt(at)}'`);
}

function wordToken(name: string, at: number): Token {
  const value = CONSTANTS.get(name);
  return value === undefined ? { kind: 'name', text: name, at } : { kind: 'literal', value, at };
}

function readNumber(text: string, source: string, at: number): CelValue {
  if (/u$/i.test(text)) {
    const value = BigInt(text.slice(0, -1));
    if (value >= 2n * LARGEST) throw new CelSyntaxError(source, at, 'invalid uint literal');
    return new CelUint(value);
  }
  if (/^(?:0x[\da-f]+|\d+)$/i.test(text)) {
    const value = BigInt(text);
    // One more than the largest: it may be about to be negated.
    if (value > LARGEST) throw new CelSyntaxError(source, at, 'invalid int literal');
    return value;
  }
  return Number(text);
}
