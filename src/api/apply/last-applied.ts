/** The annotation of client-side apply: what moves an object from there to server-side apply without conflicts. Pure. */
import { parseJsonExactly } from '../meta/exact-json.ts';
import { isJsonObject, type JsonObject } from '../meta/json-value.ts';
import { claimedFields } from './collect-fields.ts';
import { compareObjects } from './compare.ts';
import { difference, EMPTY_SET, type FieldSet } from './field-set.ts';
import type { Versions } from './versions.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
// As much as all annotations of an object may take.
const MOST_BYTES = 256 * 1024;

/** Only kubectl keeps the annotation, so only its applies look at it. */
export const LAST_APPLIED_MANAGER = 'kubectl';

/** The fields that client-side apply set last and that nobody has changed since: kubectl may take them from whoever has them. */
export function lastAppliedFields(versions: Versions, live: JsonObject): FieldSet {
  const applied = lastApplied(live);
  const apiVersion = live['apiVersion'] as string;
  const type = versions.typeIn(apiVersion);
  if (applied === undefined || type === undefined || applied['apiVersion'] !== apiVersion) return EMPTY_SET;
  const { written, removed } = compareObjects(type, applied, live);
  return difference(difference(claimedFields(type, applied), written), removed);
}

function lastApplied(object: JsonObject): JsonObject | undefined {
  const text = annotationsOf(object)[LAST_APPLIED];
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const applied: unknown = parseJsonExactly(text);
    return isJsonObject(applied) ? applied : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = object['metadata'];
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined;
  return isJsonObject(annotations) ? annotations : {};
}

/** Where the annotation is kept, it follows what is applied now, so that client-side apply still works afterwards. */
export function withLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  if (annotations[LAST_APPLIED] === undefined || annotations[LAST_APPLIED] === '') return object;
  const text = `${JSON.stringify(sorted(withoutAnnotation(configuration)))}\n`;
  if (annotations[LAST_APPLIED] === text) return object;
  const { [LAST_APPLIED]: _, ...others } = annotations;
  const next = fits({ ...others, [LAST_APPLIED]: text }) ? { ...others, [LAST_APPLIED]: text } : others;
  return { ...object, metadata: { ...(object['metadata'] as JsonObject), annotations: next } };
}

function fits(annotations: JsonObject): boolean {
  const bytes = Object.entries(annotations).map(
    ([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(String(value)),
  );
  return bytes.reduce((sum, size) => sum + size, 0) <= MOST_BYTES;
}

function withoutAnnotation(configuration: JsonObject): JsonObject {
  const annotations = annotationsOf(configuration);
  if (annotations[LAST_APPLIED] === undefined) return configuration;
  const { [LAST_APPLIED]: _, ...others } = annotations;
  return { ...configuration, metadata: { ...(configuration['metadata'] as JsonObject), annotations: others } };
}

/** Keys in alphabetical order, as clients written in Go print them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  );
}
