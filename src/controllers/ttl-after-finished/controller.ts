/** Removes jobs some time after they ended, as they asked for, with all that is theirs. */
import { Job } from '#api/batch/job';
import { refOf } from '#api/object';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { planExpiry } from './plan.ts';

export const ttlAfterFinished = defineController({
  name: 'ttl-after-finished-controller',
  reads: [Job],
  writes: [Job],
  triggers: [on(Job, ({ after }) => (after === undefined ? [] : [keyOf(after)]))],
  async reconcile(key, context) {
    const job = context.get(Job, refOfKey(key));
    const leftMs = job && planExpiry(job, context.now());
    if (job === undefined || leftMs === undefined) return undefined;
    if (leftMs > 0) return { againInMs: leftMs };
    // Asked of the server itself: it may have been given more time.
    const current = await unlessMissing(context.client.get(Job, refOf(job)));
    if (current === undefined || planExpiry(current, context.now()) !== 0) return undefined;
    const { uid, resourceVersion } = current.metadata;
    const preconditions = { uid, resourceVersion };
    await unlessMissing(context.client.delete(Job, refOf(job), { propagationPolicy: 'Foreground', preconditions }));
    return undefined;
  },
});
