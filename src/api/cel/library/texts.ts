/** Functions of texts, and `size`. Positions count characters, not their halves. */
import { compilePattern, PatternError } from '../../extensions/schema/pattern.ts';
import type { CelFunction, CelLibrary } from '../environment.ts';
import { CelError } from '../error.ts';
import { CelMap, isList, type CelValue } from '../values.ts';

type Spend = (cost: number) => void;

/** Upstream's price of going through a text once. */
const through = (text: string): number => Math.ceil(text.length / 10);

function onTexts(apply: (text: string, other: string, spend: Spend) => CelValue): CelFunction {
  return ([text, other, ...rest], spend) => {
    if (typeof text !== 'string' || typeof other !== 'string' || rest.length > 0) return undefined;
    spend(through(text));
    return apply(text, other, spend);
  };
}

function onText(apply: (text: string) => CelValue): CelFunction {
  return ([text, ...rest], spend) => {
    if (typeof text !== 'string' || rest.length > 0) return undefined;
    spend(through(text));
    return apply(text);
  };
}

function matches(text: string, pattern: string, spend: Spend): boolean {
  spend(through(text) * Math.ceil(pattern.length / 4));
  try {
    return compilePattern(pattern).matches(text);
  } catch (error) {
    if (error instanceof PatternError) throw new CelError(`error parsing regexp: ${error.message}`);
    throw error;
  }
}

function size([value]: readonly CelValue[]): bigint | undefined {
  if (typeof value === 'string') return BigInt(Array.from(value).length);
  if (value instanceof Uint8Array) return BigInt(value.length);
  if (value instanceof CelMap) return BigInt(value.size);
  return value !== undefined && isList(value) ? BigInt(value.length) : undefined;
}

/** Undefined for what is no position. */
function positionIn(length: number, value: CelValue | undefined): number | undefined {
  if (typeof value !== 'bigint') return undefined;
  if (value < 0n || value > BigInt(length)) throw new CelError(`index out of range: ${value}`);
  return Number(value);
}

function substring([text, from, to]: readonly CelValue[], spend: Spend): string | undefined {
  if (typeof text !== 'string') return undefined;
  spend(through(text));
  const characters = Array.from(text);
  const start = positionIn(characters.length, from);
  const end = to === undefined ? characters.length : positionIn(characters.length, to);
  if (start === undefined || end === undefined) return undefined;
  if (start > end) throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  return characters.slice(start, end).join('');
}

function charAt([text, at]: readonly CelValue[], spend: Spend): string | undefined {
  if (typeof text !== 'string') return undefined;
  spend(through(text));
  const characters = Array.from(text);
  const position = positionIn(characters.length, at);
  return position === undefined ? undefined : (characters[position] ?? '');
}

function replace([text, from, to, limit]: readonly CelValue[], spend: Spend): string | undefined {
  if (typeof text !== 'string' || typeof from !== 'string' || typeof to !== 'string') return undefined;
  const parts = text.split(from);
  const count = typeof limit === 'bigint' && limit >= 0n ? Math.min(Number(limit), parts.length - 1) : parts.length - 1;
  spend(through(text) + Math.ceil((count * to.length) / 10));
  const replaced = parts.slice(0, count + 1).join(to);
  const kept = parts.slice(count + 1);
  return kept.length === 0 ? replaced : [replaced, ...kept].join(from);
}

function split([text, by, limit]: readonly CelValue[], spend: Spend): readonly string[] | undefined {
  if (typeof text !== 'string' || typeof by !== 'string') return undefined;
  spend(through(text));
  const parts = by === '' ? Array.from(text) : text.split(by);
  if (typeof limit !== 'bigint' || limit < 0n || BigInt(parts.length) <= limit) return parts;
  if (limit === 0n) return [];
  const last = Number(limit) - 1;
  return [...parts.slice(0, last), parts.slice(last).join(by)];
}

function join([list, between = '']: readonly CelValue[], spend: Spend): string | undefined {
  if (list === undefined || !isList(list) || typeof between !== 'string') return undefined;
  if (!list.every((item) => typeof item === 'string')) return undefined;
  const text = list.join(between);
  spend(through(text));
  return text;
}

/** In characters, from a position on; -1 for what is not there. */
function indexBy(find: (text: string, part: string, from: number | undefined) => number): CelFunction {
  return ([text, part, from], spend) => {
    if (typeof text !== 'string' || typeof part !== 'string') return undefined;
    spend(through(text));
    const characters = Array.from(text);
    const start = positionIn(characters.length, from);
    const at = find(text, part, start === undefined ? undefined : characters.slice(0, start).join('').length);
    return BigInt(at < 0 ? -1 : Array.from(text.slice(0, at)).length);
  };
}

const upper = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export const TEXTS: CelLibrary = {
  size,
  contains: onTexts((text, part) => text.includes(part)),
  startsWith: onTexts((text, part) => text.startsWith(part)),
  endsWith: onTexts((text, part) => text.endsWith(part)),
  matches: onTexts(matches),
  lowerAscii: onText(lower),
  upperAscii: onText(upper),
  trim: onText((text) => text.trim()),
  indexOf: indexBy((text, part, from) => text.indexOf(part, from)),
  lastIndexOf: indexBy((text, part, from) => text.lastIndexOf(part, from)),
  substring,
  charAt,
  replace,
  split,
  join,
};
