/** JSON Patch (RFC 6902), with the limits and the words of upstream. */
import { cloneJson, equalJson, isJsonObject } from './json-value.ts';
import type { JsonObject } from './json-value.ts';
import { PatchError } from './patch-error.ts';

// Nothing is so deep that its path is longer.
const MAX_PATH_LENGTH = 64 * 1024;
const MAX_OPERATIONS = 10_000;
// Copies can double a document with every operation.
const MAX_COPIED_BYTES = 3 * 1024 * 1024;
// What comes into a list or leaves it moves what stands behind it: as if each operation did that to ten thousand items.
const MAX_MOVES = 100_000_000;

/** Returns a new document; `document` stays as it is. Throws `PatchError`. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = readOperations(patch);
  const target = new Document(cloneJson(document));
  for (const operation of operations) APPLY[operation.op](target, operation);
  return target.root;
}

type OperationName = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
type Operation = {
  readonly op: OperationName;
  readonly path: string;
  readonly from: string;
  readonly value: unknown;
};

function readOperations(patch: unknown): readonly Operation[] {
  if (!Array.isArray(patch)) {
    throw new PatchError('BadRequest', 'json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new PatchError('RequestEntityTooLarge', message);
  }
  return patch.map(readOperation);
}

function readOperation(value: unknown): Operation {
  if (!isJsonObject(value))
    throw new PatchError('BadRequest', 'json: cannot unmarshal value into Go value of type jsonpatch.Operation');
  const own = (key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);
  const [op, path, from] = [textOr(own('op'), 'unknown'), own('path'), own('from')];
  if (!Object.hasOwn(APPLY, op)) throw new PatchError('Invalid', `Unexpected kind: ${op}`);
  if (typeof path !== 'string') throw new PatchError('Invalid', `${op} operation failed to decode path: missing value`);
  if ((op === 'move' || op === 'copy') && typeof from !== 'string') {
    throw new PatchError('Invalid', `${op} operation failed to decode from: missing value`);
  }
  return { op: op as OperationName, path, from: textOr(from, ''), value: own('value') ?? null };
}

const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);

const APPLY: Readonly<Record<OperationName, (document: Document, operation: Operation) => void>> = {
  add: (document, { path, value }) => {
    document.place('add', path).add(cloneJson(value));
  },
  remove: (document, { path }) => {
    document.place('remove', path).remove();
  },
  replace: (document, { path, value }) => {
    const place = document.place('replace', path);
    if (!place.exists())
      throw new PatchError('Invalid', `replace operation does not apply: doc is missing key: ${path}: missing value`);
    place.replace(cloneJson(value));
  },
  move: (document, { path, from }) => {
    const source = document.place('move', from, 'from ');
    const value = source.get();
    source.remove();
    document.place('move', path, 'destination ').add(value);
  },
  copy: (document, { path, from }) => {
    const value = document.place('copy', from, 'from ').get();
    document.countCopy(value);
    document.place('copy', path, 'destination ').add(cloneJson(value));
  },
  test: (document, { path, value }) => {
    const place = document.place('test', path);
    // Upstream takes a missing value for null.
    const found = place.exists() ? place.get() : null;
    if (!equalJson(found, value)) throw new PatchError('Invalid', `testing value ${path} failed: test failed`);
  },
};

class Document {
  readonly root: unknown;
  #copiedBytes = 0;
  #moves = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  /** The place a JSON pointer names; everything above it must exist. The whole document has no place in itself. */
  place(operation: OperationName, path: string, which = ''): Place {
    // Made only when it is needed: a trace of the stack for each of many operations takes long.
    const missing = (): PatchError =>
      new PatchError(
        'Invalid',
        `${operation} operation does not apply: doc is missing ${which}path: "${path}": missing value`,
      );
    if (path.length > MAX_PATH_LENGTH) throw missing();
    const [first, ...parts] = path.split('/');
    const key = parts.pop();
    if (first !== '' || key === undefined) throw missing();
    let holder = this.root;
    for (const part of parts) holder = childOf(holder, unescape(part));
    if (Array.isArray(holder)) {
      const onMove = (items: number): void => this.#countMoves(items);
      return new ListPlace(operation, path, { list: holder, key: unescape(key), onMove });
    }
    if (!isJsonObject(holder)) throw missing();
    return new ObjectPlace(operation, path, { object: holder, key: unescape(key) });
  }

  #countMoves(items: number): void {
    this.#moves += items;
    if (this.#moves <= MAX_MOVES) return;
    const why = `the accumulated number of items moved is ${this.#moves}, exceeding the limit ${MAX_MOVES}`;
    throw new PatchError('RequestEntityTooLarge', `Unable to complete the changes of lists, ${why}`);
  }

  countCopy(value: unknown): void {
    this.#copiedBytes += JSON.stringify(value).length;
    if (this.#copiedBytes <= MAX_COPIED_BYTES) return;
    const size = `the accumulated size increase of copy is ${this.#copiedBytes}, exceeding the limit ${MAX_COPIED_BYTES}`;
    throw new PatchError('RequestEntityTooLarge', `Unable to complete the copy, ${size}`);
  }
}

function childOf(holder: unknown, key: string): unknown {
  if (Array.isArray(holder)) return /^(?:0|[1-9][0-9]*)$/.test(key) ? (holder[Number(key)] as unknown) : undefined;
  return isJsonObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

type Place = {
  exists(): boolean;
  get(): unknown;
  add(value: unknown): void;
  replace(value: unknown): void;
  remove(): void;
};

class ObjectPlace implements Place {
  readonly #where: string;
  readonly #object: JsonObject;
  readonly #key: string;

  constructor(
    operation: OperationName,
    path: string,
    { object, key }: { readonly object: JsonObject; readonly key: string },
  ) {
    this.#where = `error in ${operation} for path: '${path}'`;
    this.#object = object;
    this.#key = key;
  }

  exists(): boolean {
    return Object.hasOwn(this.#object, this.#key);
  }

  get(): unknown {
    if (!this.exists())
      throw new PatchError('Invalid', `${this.#where}: unable to get nonexistent key: ${this.#key}: missing value`);
    return this.#object[this.#key];
  }

  add(value: unknown): void {
    // Defines an own key, whatever it is called.
    Object.defineProperty(this.#object, this.#key, { value, enumerable: true, configurable: true, writable: true });
  }

  replace(value: unknown): void {
    this.add(value);
  }

  remove(): void {
    if (!this.exists())
      throw new PatchError('Invalid', `${this.#where}: Unable to remove nonexistent key: ${this.#key}: missing value`);
    Reflect.deleteProperty(this.#object, this.#key);
  }
}

type ListAt = { readonly list: unknown[]; readonly key: string; readonly onMove: (items: number) => void };

class ListPlace implements Place {
  readonly #where: string;
  readonly #list: unknown[];
  readonly #key: string;
  readonly #onMove: (items: number) => void;

  constructor(operation: OperationName, path: string, { list, key, onMove }: ListAt) {
    this.#where = `error in ${operation} for path: '${path}'`;
    this.#list = list;
    this.#key = key;
    this.#onMove = onMove;
  }

  exists(): boolean {
    return /^(?:0|[1-9][0-9]*)$/.test(this.#key) && Number(this.#key) < this.#list.length;
  }

  get(): unknown {
    return this.#list[this.#index(this.#list.length - 1)];
  }

  add(value: unknown): void {
    if (this.#key === '-') this.#list.push(value);
    else this.#splice(this.#index(this.#list.length), 0, value);
  }

  replace(value: unknown): void {
    this.#list[this.#index(this.#list.length - 1)] = value;
  }

  remove(): void {
    this.#splice(this.#index(this.#list.length - 1), 1);
  }

  #splice(index: number, removed: number, ...added: readonly unknown[]): void {
    this.#onMove(this.#list.length - index);
    this.#list.splice(index, removed, ...added);
  }

  #index(last: number): number {
    if (!/^(?:0|[1-9][0-9]*)$/.test(this.#key)) {
      const why = `value was not a proper array index: '${this.#key}': strconv.Atoi: parsing "${this.#key}": invalid syntax`;
      throw new PatchError('Invalid', `${this.#where}: ${why}`);
    }
    const index = Number(this.#key);
    if (index <= last) return index;
    throw new PatchError(
      'Invalid',
      `${this.#where}: Unable to access invalid index: ${index}: invalid index referenced`,
    );
  }
}
