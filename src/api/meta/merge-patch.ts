/** JSON Merge Patch (RFC 7386): objects merge key by key, null removes, everything else replaces. */
import { isJsonObject } from './json-value.ts';
import type { JsonObject } from './json-value.ts';

/** Returns a new document that shares what did not change with the old one. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(document) ? Object.entries(document) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged) satisfies JsonObject;
}
