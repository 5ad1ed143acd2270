/** The versions of a kind, as far as comparing states of an object needs them. */
import type { JsonObject } from '../meta/json-value.ts';
import type { StructType } from './apply-type.ts';
import { type Changes, compareObjects } from './compare.ts';

export type Versions = {
  /** Undefined for a version that the kind does not have (any more). */
  readonly typeIn: (apiVersion: string) => StructType | undefined;
  /** The object in a version that the kind has. */
  readonly inVersion: (object: JsonObject, apiVersion: string) => JsonObject;
};

export type States = { readonly before: JsonObject; readonly after: JsonObject };

/** What differs between two states, in any version, each compared once; undefined for unknown versions. */
export function changesIn(
  { typeIn, inVersion }: Versions,
  states: States,
): (apiVersion: string) => Changes | undefined {
  // All managers write through one version, as a rule.
  const known: { readonly apiVersion: string; readonly changes: Changes }[] = [];
  return (apiVersion) => {
    for (const before of known) if (before.apiVersion === apiVersion) return before.changes;
    const type = typeIn(apiVersion);
    if (type === undefined) return undefined;
    const changes = compareObjects(type, inVersion(states.before, apiVersion), inVersion(states.after, apiVersion));
    known.push({ apiVersion, changes });
    return changes;
  };
}
