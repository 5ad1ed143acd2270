/** Every current object by its key, in order. What was loaded stays JSON until somebody asks for it: most objects nobody does. */
import BTreeModule from 'sorted-btree';
import { parseJsonExactly } from '#api/meta/exact-json';
import { deepFreeze } from '#base/deep-freeze';
import type { Storable } from './store.ts';

// The package is CommonJS whose default export Node sees as a property.
const BTree = BTreeModule.default;

export type Range = {
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly without: ReadonlyMap<string, unknown> | undefined;
};

const STOP = { break: true } as const;

export class ObjectTable {
  // The order apart from the objects: most writes change an object that there is, and leave the order alone.
  readonly #order = new BTree<string, undefined>(undefined, compareKeys);
  readonly #objects = new Map<string, Storable | Buffer>();

  /** `json` is the object's UTF-8 text. */
  load(key: string, json: Buffer): void {
    this.#order.set(key, undefined);
    this.#objects.set(key, json);
  }

  has(key: string): boolean {
    return this.#objects.has(key);
  }

  get(key: string): Storable | undefined {
    const held = this.#objects.get(key);
    return Buffer.isBuffer(held) ? this.#decode(key, held) : held;
  }

  /** Returns what was there before. */
  set(key: string, object: Storable): Storable | undefined {
    const before = this.get(key);
    if (before === undefined) this.#order.set(key, undefined);
    this.#objects.set(key, object);
    return before;
  }

  /** Returns what was there. */
  delete(key: string): Storable | undefined {
    const before = this.get(key);
    if (this.#objects.delete(key)) this.#order.delete(key);
    return before;
  }

  /** How many keys there are from `from` to before `to`. */
  count(from: string, to: string): number {
    return this.#order.forRange(from, to, false);
  }

  /** In key order, the first `limit` of those from `from` to before `to` that are not among `without`. */
  entries({ from, to, limit, without }: Range): [key: string, object: Storable][] {
    const found: [string, Storable][] = [];
    this.#order.forRange(from, to, false, (key) => {
      if (found.length === limit) return STOP;
      if (without?.has(key) !== true) found.push([key, this.get(key) as Storable]);
      return undefined;
    });
    return found;
  }

  #decode(key: string, json: Buffer): Storable {
    const object = deepFreeze(parseJsonExactly(json.toString()) as Storable);
    this.#objects.set(key, object);
    return object;
  }
}

function compareKeys(left: string, right: string): number {
  if (left < right) return -1;
  return left === right ? 0 : 1;
}
