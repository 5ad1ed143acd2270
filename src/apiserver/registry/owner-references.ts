/** Keeps one of several equal references to an owner. */
import { equalJson } from '#api/meta/json-value';
import type { OwnerReference } from '#api/types/meta-v1';
import type { SentObject } from './request-body.ts';

export type Deduplicated = { readonly sent: SentObject; readonly warnings: readonly string[] };

/** `found`: upstream tells in other words what it finds after it has changed the object itself, which is so with every patch. */
export function withoutEqualOwners(sent: SentObject, found: 'as sent' | 'as patched'): Deduplicated {
  const { ownerReferences = [] } = sent.metadata;
  if (ownerReferences.length < 2) return { sent, warnings: [] };
  const kept: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const reference of ownerReferences) {
    if (kept.some((other) => other.uid === reference.uid && equalJson(other, reference))) repeated.push(reference.uid);
    else kept.push(reference);
  }
  if (repeated.length === 0) return { sent, warnings: [] };
  const when = found === 'as sent' ? '' : ' after mutating admission happens';
  const warning =
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, ` +
    `and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`;
  return { sent: { ...sent, metadata: { ...sent.metadata, ownerReferences: kept } }, warnings: [warning] };
}
