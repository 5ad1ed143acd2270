/** Makes the claims that the pods of a stateful set need, and keeps with whom they go. */
import type { StatefulSet } from '#api/apps/stateful-set';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { refOf, type Unsaved } from '#api/object';
import { asError } from '#base/errors';
import type { Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { goesWithFormerPod, planClaimOwners, planUnused } from './plan-claims.ts';
import { claimsOf, ordinalOf, ordinalOfClaim } from './plan-identity.ts';

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

/** Removes claims that were made for pods which are not to be any more, and never were. */
export async function dropUnusedClaims(set: StatefulSet, context: Context): Promise<void> {
  const { namespace = '' } = set.metadata;
  const podName = (ordinal: number | undefined): string => `${set.metadata.name}-${ordinal}`;
  const hasPod = (ordinal: number): boolean => context.get(Pod, { namespace, name: podName(ordinal) }) !== undefined;
  const claims = (): readonly Claim[] => context.informer(PersistentVolumeClaim).list(namespace);
  for (const claim of planUnused(set, claims, hasPod)) {
    const { name, uid, resourceVersion } = claim.metadata;
    // Not if it has changed since: something may be in it by now.
    const preconditions = { uid, resourceVersion };
    const removal = context.client.delete(PersistentVolumeClaim, refOf(claim), { preconditions });
    if ((await unlessMissing(removal)) === undefined) continue;
    const where = `Claim ${name} Pod ${podName(ordinalOfClaim(set, claim))} in StatefulSet ${set.metadata.name}`;
    context.events.report(set, { type: 'Normal', reason: 'SuccessfulDelete', message: `delete ${where} success` });
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
