/** One step of a path into an object, as `fieldsV1` writes it: `f:` a field, `k:` an item by its keys, `v:` an item by its value. Pure. */
import { type ExactInteger, isExactInteger, isNumber, toBigInt } from '../meta/exact-integer.ts';
import { parseJsonExactly } from '../meta/exact-json.ts';

// The fields of all kinds there are; of names that users make up, the first.
const MOST_ELEMENTS = 10_000;
const LONGEST_NAME = 100;
const MOST_KEYS = 100;
const MOST_VALUES = 1000;
const elements = new Map<string, string>();

/** One text for each name: a text that was looked up before is found again at once. */
export function fieldElement(name: string): string {
  const known = elements.get(name);
  if (known !== undefined) return known;
  const element = `f:${name}`;
  if (elements.size < MOST_ELEMENTS && name.length <= LONGEST_NAME) elements.set(name, element);
  return element;
}

/** An item of a set. */
export const valueElement = (value: unknown): string => `v:${quoted(value)}`;

const items = new Map<string, Map<string, string>>();

/** An item of a list that has one key. The same text again for the values that are met first: types of conditions, not addresses. */
export function itemElement(key: string, value: string): string {
  let ofKey = items.get(key);
  if (ofKey === undefined) {
    ofKey = new Map();
    if (items.size < MOST_KEYS) items.set(key, ofKey);
  }
  const known = ofKey.get(value);
  if (known !== undefined) return known;
  const element = keyElement([[key, value]]);
  if (ofKey.size < MOST_VALUES && value.length <= LONGEST_NAME) ofKey.set(value, element);
  return element;
}

/** An item of a list that has keys; `keys` are in alphabetical order. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): string {
  const [first] = keys;
  if (keys.length === 1 && first !== undefined) return `k:{${pairOf(first)}}`;
  return `k:{${keys.map(pairOf).join(',')}}`;
}

const pairOf = ([name, value]: readonly [string, unknown]): string => `${quoted(name)}:${quoted(value)}`;

const PLAIN = /^[\w./ -]*$/;

/** As JSON; what needs no escapes, as most names do not, at once. */
function quoted(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
  return Number.isSafeInteger(value) ? String(value) : JSON.stringify(value);
}

/** The name of a field; undefined for the items of lists. */
export function fieldNameOf(element: string): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

// One key or value without escapes, as nearly all have, is written the one way.
const SIMPLE = /^(?:k:\{"\w+":"[\w./ -]*"\}|v:"[\w./ -]*")$/;

/** The one way to write the element that `text` means; undefined for what is none. */
export function canonicalElement(text: string): string | undefined {
  if (text.startsWith('f:') || SIMPLE.test(text)) return text;
  const content = text.slice(2);
  try {
    switch (text.slice(0, 2)) {
      case 'i:':
        return /^-?\d{1,15}$/.test(content) ? `i:${Number(content)}` : undefined;
      case 'v:':
        return valueElement(parseJsonExactly(content));
      case 'k:':
        return canonicalKeys(parseJsonExactly(content));
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function canonicalKeys(keys: unknown): string | undefined {
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) return undefined;
  return keyElement(Object.entries(keys).toSorted(([left], [right]) => compareText(left, right)));
}

/** A path as messages show it: `.spec.containers[name="web"].image`. */
export function describePath(path: readonly string[]): string {
  return path.map(describeElement).join('');
}

export function describeElement(element: string): string {
  const content = element.slice(2);
  switch (element.slice(0, 1)) {
    case 'f':
      return `.${content}`;
    case 'k': {
      const keys = Object.entries(parseJsonExactly(content) as object);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${content}]`;
    default:
      return `[${content}]`;
  }
}

/** Fields first and by name, then items by their keys, then items by their values: numbers by size, texts as texts. */
export function compareElements(left: string, right: string): number {
  const byKind = KINDS.indexOf(left[0] ?? '') - KINDS.indexOf(right[0] ?? '');
  if (byKind !== 0) return byKind;
  if (left.startsWith('f:')) return compareText(left, right);
  return compareValues(parseJsonExactly(left.slice(2)), parseJsonExactly(right.slice(2)));
}

const KINDS = 'fkvi';

function compareValues(left: unknown, right: unknown): number {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  if (typeof left === 'object' && typeof right === 'object')
    return compareKeys(Object.entries(left ?? {}), Object.entries(right ?? {}));
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  return rankOf(left) - rankOf(right);
}

const rankOf = (value: unknown): number => (isNumber(value) ? 0 : RANKS.indexOf(typeof value));
const RANKS = ['number', 'string', 'boolean', 'object'];

/** Doubles first: only those that are the same as doubles may still differ in their last digits. */
function compareNumbers(left: number | ExactInteger, right: number | ExactInteger): number {
  const rough = Number(left) - Number(right);
  if (rough !== 0 || (!isExactInteger(left) && !isExactInteger(right))) return rough;
  const [first, second] = [toBigInt(left), toBigInt(right)];
  return first === second ? 0 : first < second ? -1 : 1;
}

type Keys = readonly (readonly [string, unknown])[];

function compareKeys(left: Keys, right: Keys): number {
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareText(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
