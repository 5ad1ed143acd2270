/** Lets go of pods that no job will ever account for, so that they can be removed. */
import { Job } from '#api/batch/job';
import { isFinished } from '#api/batch/job-state';
import { Pod } from '#api/core/pod';
import { controllerOf } from '#api/meta/owner-reference';
import type { ApiObject } from '#api/object';
import type { Change } from '#client/informer';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { defineController, indexed, NO_KEYS, on, type Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { ownerKeys } from '../ownership/owner-keys.ts';
import { dropFinalizer } from './claim-pods.ts';
import { isTracked } from './pod-facts.ts';

/** Pods that are yet to be accounted for, by the key of the job they belong to. */
const TRACKED = 'controllers/tracked-by-job';

export const jobOrphans = defineController({
  name: 'job-orphans',
  account: 'job-controller',
  reads: [Job, Pod],
  writes: [Pod],
  triggers: [
    on(Pod, ({ after }) => (after !== undefined && isTracked(after) ? [keyOf(after)] : NO_KEYS)),
    on(Job, forsaken),
    indexed(Pod, TRACKED, (pod) => (isTracked(pod) ? [jobKeyOf(pod)] : NO_KEYS)),
  ],
  async reconcile(key, context) {
    const pod = context.get(Pod, refOfKey(key));
    if (pod === undefined || !isTracked(pod) || (await isAccountedFor(pod, context))) return;
    await dropFinalizer(pod, context);
  },
});

/** The pods of a job that has ended or is gone. */
function forsaken({ before, after }: Change<Job>, context: Context): readonly string[] {
  if (after !== undefined && !isFinished(after)) return [];
  const object: ApiObject | undefined = before ?? after;
  return object === undefined ? [] : context.informer(Pod).byIndex(TRACKED, keyOf(object)).map(keyOf);
}

/** Empty for a pod without a job. */
function jobKeyOf(pod: Pod): string {
  const owner = controllerOf(pod);
  return owner?.kind === Job.kind ? keyOfRef({ namespace: pod.metadata.namespace, name: owner.name }) : '';
}

const adopters = ownerKeys(Job);

async function isAccountedFor(pod: Pod, context: Context): Promise<boolean> {
  const owner = controllerOf(pod);
  // A job that could adopt it does so before it lets it go.
  if (owner === undefined) return [...adopters({ after: pod }, context)].length > 0;
  if (owner.kind !== Job.kind || owner.apiVersion !== Job.apiVersion) return true;
  const ref = { namespace: pod.metadata.namespace, name: owner.name };
  const isOwner = (object: Job | undefined): boolean => object?.metadata.uid === owner.uid && !isFinished(object);
  // Asked of the server itself: our copy of the jobs may be behind that of the pods.
  return isOwner(context.get(Job, ref)) || isOwner(await unlessMissing(context.client.get(Job, ref)));
}
