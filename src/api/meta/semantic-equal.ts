/** Equality of API values as upstream means it: an absent list or map equals an empty one. */
import { isExactInteger, sameNumber } from './exact-integer.ts';

/**
 * Fields whose empty object says no more than their absence. Elsewhere `{}` is a choice:
 * an `emptyDir: {}` is a volume, a `labelSelector: {}` selects everything.
 */
const MAPS: ReadonlySet<string> = new Set([
  'annotations',
  'binaryData',
  'data',
  'labels',
  'limits',
  'matchLabels',
  'nodeSelector',
  'options',
  'overhead',
  'requests',
  'resources',
  'selector',
  'strategy',
]);

export function semanticEqual(left: unknown, right: unknown): boolean {
  if (sameNumber(left, right)) return true;
  if (Array.isArray(left) || Array.isArray(right)) return equalLists(left ?? [], right ?? []);
  if (isObject(left) && isObject(right)) return equalObjects(left, right);
  return isAbsent(left) && isAbsent(right);
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !isExactInteger(value);

function equalLists(left: unknown, right: unknown): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  return left.every((item, index) => semanticEqual(item, right[index]));
}

function equalObjects(left: Fields, right: Fields): boolean {
  for (const key of Object.keys(left)) if (!equalField(key, left[key], own(right, key))) return false;
  for (const key of Object.keys(right))
    if (!Object.hasOwn(left, key) && !equalField(key, undefined, right[key])) return false;
  return true;
}

/** A label may be called `constructor`. */
const own = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

function equalField(key: string, left: unknown, right: unknown): boolean {
  return semanticEqual(left, right) || (MAPS.has(key) && isEmptyMap(left) && isEmptyMap(right));
}

const isEmptyMap = (value: unknown): boolean => isAbsent(value) || (isObject(value) && Object.keys(value).length === 0);
