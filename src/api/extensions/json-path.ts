/** The part of JSONPath that printer columns, scales and selectable fields are written in. */
import { isNumber } from '../meta/exact-integer.ts';
import { isJsonObject, type JsonObject } from '../meta/json-value.ts';

export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

/** Finds values in an object, in order. */
export type JsonPath = (object: unknown) => readonly unknown[];

type Step = (value: unknown) => readonly unknown[];

const kept = new Map<string, JsonPath>();
const MAX_KEPT = 2000;

/** Throws `JsonPathError` for a path it cannot read. */
export function compileJsonPath(path: string): JsonPath {
  const known = kept.get(path);
  if (known !== undefined) return known;
  const steps = parse(path);
  const made: JsonPath = (object) => steps.reduce<readonly unknown[]>((found, step) => found.flatMap(step), [object]);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(path, made);
  return made;
}

// A name, with escaped characters in it; everything in brackets; the name may be a star.
// Each character can be read in one way only: else reading a path that is none would take for ever.
const PART = /\.((?:\\.|[^.[\]\\])+)|\[((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\]'"])+)\]/y;

function parse(path: string): readonly Step[] {
  const steps: Step[] = [];
  if (path === '.') return steps;
  for (let at = 0; at < path.length;) {
    PART.lastIndex = at;
    const match = PART.exec(path);
    if (match === null) throw new JsonPathError(`unrecognized path ${JSON.stringify(path)}`);
    const [whole, name, bracket] = match;
    // Counted here: a filter inside the brackets is read with the same expression.
    at += whole.length;
    steps.push(name === undefined ? bracketStep(bracket ?? '', path) : nameStep(name.replaceAll(/\\(.)/g, '$1')));
  }
  return steps;
}

function nameStep(name: string): Step {
  if (name === '*') return everything;
  return (value) => (isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]] : []);
}

function everything(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function bracketStep(text: string, path: string): Step {
  if (text === '*') return everything;
  const quoted = /^(['"])(.*)\1$/.exec(text)?.[2];
  if (quoted !== undefined) return nameStep(quoted.replaceAll(/\\(.)/g, '$1'));
  if (/^-?\d+$/.test(text)) return (value) => (Array.isArray(value) ? value.slice(...single(Number(text))) : []);
  const slice = /^(-?\d*):(-?\d*)$/.exec(text);
  if (slice !== null) return sliceStep(slice[1] ?? '', slice[2] ?? '');
  const filter = /^\?\((.*)\)$/.exec(text)?.[1];
  if (filter !== undefined) return filterStep(filter, path);
  throw new JsonPathError(`unrecognized path ${JSON.stringify(path)}`);
}

function single(index: number): [number, number | undefined] {
  return [index, index === -1 ? undefined : index + 1];
}

function sliceStep(from: string, to: string): Step {
  const start = from === '' ? 0 : Number(from);
  const end = to === '' ? undefined : Number(to);
  return (value) => (Array.isArray(value) ? value.slice(start, end) : []);
}

const FILTER = /^\s*@((?:\.|\[)[^=!<>]*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.*?)\s*)?$/;

/** `@.type=="Ready"`: the entries of a list for which the comparison holds. */
function filterStep(filter: string, path: string): Step {
  const match = FILTER.exec(filter);
  if (match === null) throw new JsonPathError(`unrecognized filter in path ${JSON.stringify(path)}`);
  const [, inner = '', operator, text = ''] = match;
  const steps = parse(inner);
  const wanted = operator === undefined ? undefined : literal(text, path);
  const holds = (item: unknown): boolean => {
    const found = steps.reduce<readonly unknown[]>((values, step) => values.flatMap(step), [item]);
    if (operator === undefined) return found.length > 0;
    return found.length > 0 && compare(found[0], operator, wanted);
  };
  return (value) => (Array.isArray(value) ? value.filter(holds) : []);
}

function literal(text: string, path: string): unknown {
  const quoted = /^(['"])(.*)\1$/.exec(text)?.[2];
  if (quoted !== undefined) return quoted;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new JsonPathError(`unrecognized literal in path ${JSON.stringify(path)}`);
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (isNumber(left) && isNumber(right)) return ordered(Number(left) - Number(right), operator);
  if (typeof left === 'string' && typeof right === 'string')
    return ordered(left < right ? -1 : +(left > right), operator);
  return false;
}

function ordered(difference: number, operator: string): boolean {
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return operator === '>' ? difference > 0 : difference >= 0;
}

/** The names in a path of names: `.spec.replicas`. */
export function fieldPath(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.');
}

/** The value at a path of names. */
export function valueAt(object: unknown, names: readonly string[]): unknown {
  let value = object;
  for (const name of names) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** The object with another value at a path of names; what is missing on the way is made. */
export function withValueAt(object: JsonObject, [name, ...rest]: readonly string[], value: unknown): JsonObject {
  if (name === undefined) return object;
  const before = Object.hasOwn(object, name) ? object[name] : undefined;
  const after = rest.length === 0 ? value : withValueAt(isJsonObject(before) ? before : {}, rest, value);
  return Object.fromEntries([...Object.entries(object).filter(([key]) => key !== name), [name, after]]);
}
