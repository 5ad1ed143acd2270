/** Every current object by its key, in order. What was loaded stays JSON until somebody asks for it: most objects nobody does. */
import BTreeModule from 'sorted-btree';
import { parseJsonExactly } from '#api/meta/exact-json';
import { deepFreeze } from '#base/deep-freeze';
import type { Storable } from './store.ts';

// The package is CommonJS whose default export Node sees as a property.
const BTree = BTreeModule.default;

export class ObjectTable {
  readonly #tree = new BTree<string, Storable | Buffer>();

  /** `json` is the object's UTF-8 text. */
  load(key: string, json: Buffer): void {
    this.#tree.set(key, json);
  }

  get(key: string): Storable | undefined {
    const held = this.#tree.get(key);
    return Buffer.isBuffer(held) ? this.#decode(key, held) : held;
  }

  set(key: string, object: Storable): void {
    this.#tree.set(key, object);
  }

  delete(key: string): void {
    this.#tree.delete(key);
  }

  /** How many keys there are from `from` to before `to`. */
  count(from: string, to: string): number {
    return this.#tree.forRange(from, to, false);
  }

  /** In key order, those from `from` to before `to`. */
  entries(from: string, to: string): [key: string, object: Storable][] {
    const found: [string, Storable | Buffer][] = [];
    this.#tree.forRange(from, to, false, (key, held) => {
      found.push([key, held]);
    });
    return found.map(([key, held]) => [key, Buffer.isBuffer(held) ? this.#decode(key, held) : held]);
  }

  #decode(key: string, json: Buffer): Storable {
    const object = deepFreeze(parseJsonExactly(json.toString()) as Storable);
    this.#tree.set(key, object);
    return object;
  }
}
