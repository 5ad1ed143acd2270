/** Settles which pods are a job's: those it takes get its finalizer with its name, those it lets go lose both. */
import { Job } from '#api/batch/job';
import { Pod } from '#api/core/pod';
import { selectorFrom } from '#api/meta/label-selector';
import { controllerReference } from '#api/meta/owner-reference';
import { refOf } from '#api/object';
import type { Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { claimable } from '../ownership/owner-keys.ts';
import { planClaim } from '../ownership/plan.ts';
import { TRACKING_FINALIZER } from './pod-facts.ts';

export async function claimPods(job: Job, context: Context): Promise<void> {
  const { adopt, release } = planClaim(job, selectorFrom(job.spec.selector), claimable(Pod, job, context));
  if (adopt.length > 0 && (await isStillThere(job, context))) {
    const ownerReferences = [controllerReference(job, Job)];
    for (const pod of adopt) await patchPod(pod, { ownerReferences, finalizers: [TRACKING_FINALIZER] }, context);
  }
  const ownerReferences = [{ $patch: 'delete', uid: job.metadata.uid }];
  for (const pod of release) await patchPod(pod, { ownerReferences, ...WITHOUT_FINALIZER }, context);
}

/** Lets go of a pod that is accounted for, or need not be. */
export async function dropFinalizer(pod: Pod, context: Context): Promise<void> {
  await patchPod(pod, WITHOUT_FINALIZER, context);
}

const WITHOUT_FINALIZER = { '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] };

/** Asked of the server itself: a job that was deleted meanwhile must not collect orphans. */
async function isStillThere(job: Job, { client }: Context): Promise<boolean> {
  const current = await unlessMissing(client.get(Job, refOf(job)));
  return current?.metadata.uid === job.metadata.uid && current.metadata.deletionTimestamp === undefined;
}

async function patchPod(pod: Pod, changes: object, { client }: Context): Promise<void> {
  // The uid makes sure that no other pod of the name is meant.
  const document = { metadata: { uid: pod.metadata.uid, ...changes } };
  const patch = { type: 'application/strategic-merge-patch+json', document } as const;
  await unlessMissing(client.patch(Pod, { ref: refOf(pod), patch }));
}
