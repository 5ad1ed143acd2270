/** The values of expressions. Integers are bigints, so that they are never taken for doubles, which are numbers. */

export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | CelUint
  | CelMap
  | CelObject
  | readonly CelValue[];

export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A map. How it is kept is its own affair: values of the API are read in place. */
export abstract class CelMap {
  abstract readonly size: number;
  /** Undefined for a key that is not there. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract has(key: CelValue): boolean;
  abstract keys(): Iterable<CelValue>;
}

/** A value of a library, such as a quantity. */
export abstract class CelObject {
  abstract readonly typeName: string;
  abstract equals(other: CelValue): boolean;

  /** Undefined for values that have no order. */
  order(_other: CelValue): number | undefined {
    return undefined;
  }
}

/** The fields of an object, or a map with texts as keys. */
export class RecordMap extends CelMap {
  readonly #record: Readonly<Record<string, CelValue>>;

  constructor(record: Readonly<Record<string, CelValue>>) {
    super();
    this.#record = record;
  }

  get size(): number {
    return Object.keys(this.#record).length;
  }

  get(key: CelValue): CelValue | undefined {
    return this.has(key) ? this.#record[key as string] : undefined;
  }

  has(key: CelValue): boolean {
    return typeof key === 'string' && Object.hasOwn(this.#record, key);
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.#record);
  }
}

/** A map that an expression wrote down. */
export class EntriesMap extends CelMap {
  readonly #entries = new Map<string, readonly [CelValue, CelValue]>();

  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super();
    for (const [key, value] of entries) this.#entries.set(nameOfKey(key), [key, value]);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    return this.#entries.get(nameOfKey(key))?.[1];
  }

  has(key: CelValue): boolean {
    return this.#entries.has(nameOfKey(key));
  }

  *keys(): Iterable<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }
}

/** Numbers of different kinds that are equal are one key. */
function nameOfKey(key: CelValue): string {
  const number = numberOf(key);
  if (number !== undefined) return `number ${number}`;
  return typeof key === 'string' || typeof key === 'boolean' ? `${typeof key} ${key}` : typeNameOf(key);
}

/** Undefined for what is no number. */
export function numberOf(value: CelValue): bigint | number | undefined {
  if (value instanceof CelUint) return value.value;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  if (value instanceof CelObject) return value.typeName;
  if (value instanceof CelUint) return 'uint';
  if (value instanceof CelMap) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'list';
  return SIMPLE_TYPES[typeof value] ?? 'dyn';
}

const SIMPLE_TYPES: Readonly<Record<string, string>> = {
  boolean: 'bool',
  bigint: 'int',
  number: 'double',
  string: 'string',
};

export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** Values of different kinds are different, except numbers, which are compared by their amount. */
export function equals(left: CelValue, right: CelValue): boolean {
  const [one, other] = [numberOf(left), numberOf(right)];
  if (one !== undefined && other !== undefined) return order(one, other) === 0;
  if (left instanceof CelObject) return left.equals(right);
  if (left instanceof CelMap) return right instanceof CelMap && equalMaps(left, right);
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (isList(left)) return isList(right) && equalLists(left, right);
  return left === right;
}

function equalLists(left: readonly CelValue[], right: readonly CelValue[]): boolean {
  return left.length === right.length && left.every((item, index) => equals(item, right[index] ?? null));
}

function equalMaps(left: CelMap, right: CelMap): boolean {
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    const other = right.get(key);
    if (other === undefined || !equals(left.get(key) ?? null, other)) return false;
  }
  return true;
}

/** Undefined for values that have no order. */
export function compare(left: CelValue, right: CelValue): number | undefined {
  const [one, other] = [numberOf(left), numberOf(right)];
  if (one !== undefined && other !== undefined) return order(one, other);
  if (left instanceof CelObject) return left.order(right);
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (typeof left === 'boolean' && typeof right === 'boolean') return order(Number(left), Number(right));
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return undefined;
}

/** What is not a number is in no order with anything. */
function order(left: bigint | number, right: bigint | number): number {
  if (left < right) return -1;
  return left > right ? 1 : Number.isNaN(left) || Number.isNaN(right) ? NaN : 0;
}
