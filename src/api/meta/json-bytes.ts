/** The JSON of a frozen object, encoded once and shared by the store, every reader and every watcher. */

const encoded = new WeakMap<object, Buffer>();

/** UTF-8 JSON of `object`. The bytes live as long as the object does; it must be frozen, since they are never made again. */
export function jsonBytes(object: object): Buffer {
  let bytes = encoded.get(object);
  if (bytes === undefined) {
    bytes = Buffer.from(JSON.stringify(object));
    encoded.set(object, bytes);
  }
  return bytes;
}
