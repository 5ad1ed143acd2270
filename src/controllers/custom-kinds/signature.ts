/** Tells sets of kinds apart. */
import type { ResourceDefinition } from '#api/resource';

/** Names the kinds and their versions: when it stays, nothing has to be started anew. */
export function signatureOf(kinds: readonly ResourceDefinition[]): string {
  return JSON.stringify(
    kinds.map(({ apiVersion, plural, kind, namespaced, otherVersions }) => [
      apiVersion,
      plural,
      kind,
      namespaced,
      ...otherVersions.map(({ version }) => version),
    ]),
  );
}
