/** The JSON of a frozen object, encoded once and shared by the store, every reader and every watcher. */
import { Recent } from '#base/recent';
import { isJsonObject } from './json-value.ts';

const encoded = new WeakMap<object, Buffer>();

/** UTF-8 JSON of `object`. The bytes live as long as the object does; it must be frozen, since they are never made again. */
export function jsonBytes(object: object): Buffer {
  let bytes = encoded.get(object);
  if (bytes === undefined) {
    bytes = Buffer.from(textOf(object));
    encoded.set(object, bytes);
  }
  return bytes;
}

// Pods of one template share their spec, and objects made in one second the record of who made them: most of their texts.
const KNOWN_PARTS = 100;
const [SHORTEST_PART, LONGEST_PART] = [500, 16 * 1024];
const parts = new Recent<object, string>(KNOWN_PARTS);

function textOf(object: object): string {
  if (!isJsonObject(object) || 'toJSON' in object) return JSON.stringify(object);
  return joined(object, (name, value) => (name === 'metadata' ? textOfMetadata(value) : textOfPart(value)));
}

function textOfMetadata(metadata: unknown): string | undefined {
  if (!isJsonObject(metadata) || 'toJSON' in metadata) return JSON.stringify(metadata);
  return joined(metadata, (name, value) => (name === 'managedFields' ? textOfPart(value) : JSON.stringify(value)));
}

/** Undefined, as of `JSON.stringify`, for what has no JSON. */
function textOfPart(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return JSON.stringify(part);
  const known = parts.get(part);
  if (known !== undefined) return known;
  const text = JSON.stringify(part);
  if (text.length >= SHORTEST_PART && text.length <= LONGEST_PART && Object.isFrozen(part)) parts.set(part, text);
  return text;
}

type TextOf = (name: string, value: unknown) => string | undefined;

function joined(object: Readonly<Record<string, unknown>>, textOfValue: TextOf): string {
  let text = '';
  for (const name of Object.keys(object)) {
    const value = textOfValue(name, object[name]);
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${value}`;
  }
  return `{${text}}`;
}
