/** Takes back the announcement that a pod is driven off when nobody has deleted it. */
import { Pod } from '#api/core/pod';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { keyOf, refOfKey } from '#client/key';
import { defineController, NO_KEYS, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { DISRUPTION_TARGET, staleInMs } from './plan-stale.ts';

export const staleDisruption = defineController({
  name: 'stale-disruption',
  account: 'disruption-controller',
  reads: [Pod],
  writes: [Pod],
  triggers: [
    on(Pod, ({ after }, context) =>
      after === undefined || staleInMs(after, context.now()) === undefined ? NO_KEYS : [keyOf(after)],
    ),
  ],
  async reconcile(key, context) {
    const pod = context.get(Pod, refOfKey(key));
    const waitMs = pod && staleInMs(pod, context.now());
    if (pod === undefined || waitMs === undefined) return undefined;
    if (waitMs > 0) return { againInMs: waitMs };
    const lastTransitionTime = formatTime(context.now());
    const conditions = setCondition(pod.status?.conditions, {
      type: DISRUPTION_TARGET,
      status: 'False',
      lastTransitionTime,
    });
    const next = { ...pod, status: { ...pod.status, conditions } };
    await unlessMissing(context.client.update(Pod, next, { subresource: 'status' }));
    return undefined;
  },
});
