/** Tells pod templates apart: which replica set runs a deployment's template, and the hash that names a new one. */
import { semanticEqual } from '#api/meta/semantic-equal';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import type { PodTemplateSpec } from '#api/types/core-v1';
import { byAge } from './plan-size.ts';

export const TEMPLATE_HASH = 'pod-template-hash';

// Letters and digits that spell no words, as upstream's names have them.
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** The set that runs the deployment's template now; of several, the oldest. */
export function currentSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.toSorted(byAge).find(({ spec }) => isSameTemplate(spec.template, deployment.spec.template));
}

export function isSameTemplate(left: PodTemplateSpec, right: PodTemplateSpec): boolean {
  return semanticEqual(withoutHash(left), withoutHash(right));
}

export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Differs with the template and with the number of collisions that names made from it have had. */
export function templateHash(template: PodTemplateSpec, collisionCount: number): string {
  const hash = fnv1a(`${canonical(template)}#${collisionCount}`);
  return String(hash).replace(/\d/g, (digit) => SAFE.charAt(digit.charCodeAt(0) % SAFE.length));
}

/** JSON with sorted keys: the order in which a user wrote the fields does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)));
  });
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
