/** Makes the claims that the pods of a stateful set need, and keeps with whom they go. */
import type { StatefulSet } from '#api/apps/stateful-set';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import type { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import type { Unsaved } from '#api/object';
import { asError } from '#base/errors';
import type { Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { goesWithFormerPod, planClaimOwners } from './plan-claims.ts';
import { claimsOf, ordinalOf } from './plan-identity.ts';

type Claim = PersistentVolumeClaim;
export type Readiness = 'ready' | 'not yet';

/** Makes those that are missing. Not ready while one of them is about to go. */
export async function ensureClaims(set: StatefulSet, ordinal: number, context: Context): Promise<Readiness> {
  const podName = `${set.metadata.name}-${ordinal}`;
  let readiness: Readiness = 'ready';
  for (const claim of claimsOf(set, ordinal)) {
    const existing = context.get(PersistentVolumeClaim, {
      namespace: claim.metadata.namespace,
      name: claim.metadata.name ?? '',
    });
    if (existing === undefined) await createClaim(set, claim, { podName, context });
    else if (existing.metadata.deletionTimestamp !== undefined || goesWithFormerPod(existing, podName))
      readiness = 'not yet';
  }
  return readiness;
}

type For = { readonly podName: string; readonly context: Context };

async function createClaim(set: StatefulSet, claim: Unsaved<Claim>, { podName, context }: For): Promise<void> {
  const { name = '' } = claim.metadata;
  const where = `Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name}`;
  try {
    await context.client.create(PersistentVolumeClaim, claim);
    context.events.report(set, { type: 'Normal', reason: 'SuccessfulCreate', message: `create ${where} success` });
  } catch (error) {
    if (isApiError(error, 'AlreadyExists')) return;
    const message = `create ${where} failed error: ${asError(error).message}`;
    context.events.report(set, { type: 'Warning', reason: 'FailedCreate', message });
    throw error;
  }
}

/** Claims of a pod that are not its set's to keep. */
export async function ownClaims(set: StatefulSet, pod: Pod, context: Context): Promise<void> {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return;
  for (const { metadata } of claimsOf(set, ordinal)) {
    const claim = context.get(PersistentVolumeClaim, { namespace: metadata.namespace, name: metadata.name ?? '' });
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) continue;
    const next = planClaimOwners(set, pod, claim);
    if (next !== claim) await unlessMissing(context.client.update(PersistentVolumeClaim, next));
  }
}
