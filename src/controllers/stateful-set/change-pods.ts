/** Carries out what is planned for the pods of a stateful set. */
import type { StatefulSet } from '#api/apps/stateful-set';
import { Pod } from '#api/core/pod';
import { refOf } from '#api/object';
import { asError } from '#base/errors';
import type { Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { isNamespaceTerminating } from '../pods/change-pods.ts';
import { buildStatefulPod } from './build-pod.ts';
import { ensureClaims, ownClaims, type Readiness } from './claims.ts';
import { ordinalOf, withIdentity, type NewPod } from './plan-identity.ts';

/** Not ready while a claim of an earlier pod of the name is going. */
export async function createStatefulPod(set: StatefulSet, pod: NewPod, context: Context): Promise<Readiness> {
  if ((await ensureClaims(set, pod.ordinal, context)) === 'not yet') return 'not yet';
  const wanted = buildStatefulPod(set, pod);
  const report = reporter(set, wanted.metadata.name ?? '', context);
  try {
    await context.client.create(Pod, wanted);
    report('create');
  } catch (error) {
    // Nothing can be created in a namespace that is going away, and nothing needs to be.
    if (isNamespaceTerminating(error)) return 'ready';
    report('create', error);
    throw error;
  }
  return 'ready';
}

export async function removeStatefulPod(set: StatefulSet, pod: Pod, context: Context): Promise<void> {
  const { name, uid } = pod.metadata;
  const report = reporter(set, name, context);
  try {
    const removed = await unlessMissing(context.client.delete(Pod, refOf(pod), { preconditions: { uid } }));
    if (removed !== undefined) report('delete');
  } catch (error) {
    report('delete', error);
    throw error;
  }
}

type Act = 'create' | 'delete';
const REASONS: Readonly<Record<Act, string>> = { create: 'Create', delete: 'Delete' };

function reporter(set: StatefulSet, name: string, { events }: Context): (act: Act, error?: unknown) => void {
  return (act, error) => {
    const what = `${act} Pod ${name} in StatefulSet ${set.metadata.name}`;
    if (error === undefined)
      events.report(set, { type: 'Normal', reason: `Successful${REASONS[act]}`, message: `${what} successful` });
    else {
      const message = `${what} failed error: ${asError(error).message}`;
      events.report(set, { type: 'Warning', reason: `Failed${REASONS[act]}`, message });
    }
  };
}

/** Labels of its identity, and the owners of its claims. */
export async function keepIdentity(set: StatefulSet, pod: Pod, context: Context): Promise<void> {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined || pod.metadata.deletionTimestamp !== undefined) return;
  const next = withIdentity(pod, ordinal);
  if (next !== pod) await unlessMissing(context.client.update(Pod, next));
  // A pod that waits for a claim that somebody deleted would wait for ever.
  if (pod.status?.phase === 'Pending') await ensureClaims(set, ordinal, context);
  await ownClaims(set, pod, context);
}
