/** Removes pods that no agent will ever end. */
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { refOf } from '#api/object';
import type { Change } from '#client/informer';
import { keyOf, refOfKey } from '#client/key';
import { defineController, indexed, NO_KEYS, on, type Context, type Controller } from '../framework/controller.ts';
import { podsByNode, podsOn } from '../node-lifecycle/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { tellPod } from '../pods/tell-pod.ts';
import { planLoss, planSurplus, QUARANTINE_MS, TERMINATED_LIMIT, type Lost } from './plan.ts';

const ENDED = 'controllers/ended';
const IS_ENDED: readonly string[] = [ENDED];
// Not a pod's key: those have a slash.
const SURPLUS = 'surplus';

export function podGarbage(): Controller {
  const missingSince = new Map<string, number>();
  return defineController({
    name: 'pod-garbage-collector',
    reads: [Pod, Node],
    writes: [Pod],
    triggers: [
      on(Node, ({ before, after }, context) => {
        const { name } = (after ?? before)?.metadata ?? { name: '' };
        if (after === undefined) missingSince.set(name, context.now());
        else missingSince.delete(name);
        return podsOn(name, context)
          .filter((pod) => planLoss(pod, after) !== undefined)
          .map(keyOf);
      }),
      on(Pod, concerned),
      podsByNode,
      indexed(Pod, ENDED, (pod) => (isTerminal(pod) ? IS_ENDED : NO_KEYS)),
    ],
    async reconcile(key, context) {
      if (key === SURPLUS) return await removeSurplus(context);
      const pod = context.get(Pod, refOfKey(key));
      if (pod === undefined) return undefined;
      const { nodeName = '' } = pod.spec;
      const loss = planLoss(pod, context.get(Node, { name: nodeName }));
      if (loss === undefined) return undefined;
      if (loss !== 'orphaned') return await remove(pod, loss, context);
      const sinceMs = missingSince.get(nodeName) ?? context.now();
      missingSince.set(nodeName, sinceMs);
      const leftMs = sinceMs + QUARANTINE_MS - context.now();
      if (leftMs > 0) return { againInMs: leftMs };
      // Asked of the server itself: our copy of the nodes may be behind.
      const node = await unlessMissing(context.client.get(Node, { name: nodeName }));
      return node === undefined ? await remove(pod, loss, context) : undefined;
    },
  });
}

function concerned({ before, after }: Change<Pod>, context: Context): readonly string[] {
  if (after === undefined) return NO_KEYS;
  const ended = isTerminal(after) && (before === undefined || !isTerminal(before));
  const surplus = ended && endedPods(context).length > TERMINATED_LIMIT ? [SURPLUS] : NO_KEYS;
  const node = context.get(Node, { name: after.spec.nodeName ?? '' });
  return planLoss(after, node) === undefined ? surplus : [...surplus, keyOf(after)];
}

function endedPods(context: Context): readonly Pod[] {
  return context.informer(Pod).byIndex(ENDED, ENDED);
}

async function removeSurplus(context: Context): Promise<undefined> {
  for (const pod of planSurplus(endedPods(context), TERMINATED_LIMIT)) await removeNow(pod, context);
}

async function remove(pod: Pod, loss: Lost, context: Context): Promise<undefined> {
  if (isTerminal(pod)) return await removeNow(pod, context);
  // Whoever waits for the pod's result must see that it failed, and why, before it is gone.
  const condition = loss === 'orphaned' ? { condition: ORPHANED } : {};
  const failed = await tellPod(pod, { phase: 'Failed', ...condition }, context);
  if (failed !== undefined) await removeNow(failed, context);
}

const ORPHANED = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};

async function removeNow(pod: Pod, { client }: Context): Promise<undefined> {
  const preconditions = { uid: pod.metadata.uid };
  await unlessMissing(client.delete(Pod, refOf(pod), { gracePeriodSeconds: 0, preconditions }));
}
