/** Removes pods from nodes whose NoExecute taints they do not tolerate, or no longer. */
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { semanticEqual } from '#api/meta/semantic-equal';
import { refOf } from '#api/object';
import type { Change } from '#client/informer';
import { keyOf, refOfKey } from '#client/key';
import { defineController, NO_KEYS, on, type Context, type Controller } from '../framework/controller.ts';
import { podsByNode, podsOn } from '../node-lifecycle/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { tellPod } from '../pods/tell-pod.ts';
import { noExecuteTaints, planEvictionInMs } from './plan.ts';

type Marked = { readonly uid: string; readonly sinceMs: number };

const knownSince = (known: Marked | undefined, pod: Pod | undefined): number | undefined =>
  known?.uid === pod?.metadata.uid ? known?.sinceMs : undefined;

export function taintEviction(): Controller {
  /** Pods that must go later, and since when that is known. */
  const marked = new Map<string, Marked>();
  return defineController({
    name: 'taint-eviction-controller',
    account: 'node-controller',
    reads: [Node, Pod],
    writes: [Pod],
    triggers: [on(Node, podsOfTainted), on(Pod, placedPod), podsByNode],
    async reconcile(key, context) {
      const pod = context.get(Pod, refOfKey(key));
      const nowMs = context.now();
      const sinceMs = knownSince(marked.get(key), pod) ?? nowMs;
      const waitMs = planEvictionInMs(pod, pod && nodeOf(pod, context), { nowMs, sinceMs });
      if (pod === undefined || waitMs === undefined) {
        const cancelled = marked.delete(key) && pod?.metadata.deletionTimestamp === undefined;
        if (cancelled && pod !== undefined) report(pod, `Cancelling deletion of Pod ${key}`, context);
        return undefined;
      }
      if (waitMs > 0) {
        marked.set(key, { uid: pod.metadata.uid, sinceMs });
        return { againInMs: waitMs };
      }
      marked.delete(key);
      report(pod, `Marking for deletion Pod ${key}`, context);
      await evict(pod, context);
      return undefined;
    },
  });
}

function podsOfTainted({ before, after }: Change<Node>, context: Context): readonly string[] {
  const node = after ?? before;
  if (node === undefined || semanticEqual(noExecuteTaints(before), noExecuteTaints(after))) return [];
  return podsOn(node.metadata.name, context).map(keyOf);
}

function placedPod({ before, after }: Change<Pod>, context: Context): readonly string[] {
  const pod = after ?? before;
  // Most changes are of the status alone, and most nodes have no taints.
  if (pod === undefined || before?.spec === after?.spec) return NO_KEYS;
  if (noExecuteTaints(nodeOf(pod, context)).length === 0) return NO_KEYS;
  return semanticEqual(placeOf(before), placeOf(after)) ? NO_KEYS : [keyOf(pod)];
}

function placeOf(pod: Pod | undefined): unknown {
  return pod && [pod.spec.nodeName, pod.spec.tolerations];
}

function nodeOf({ spec }: Pod, context: Context): Node | undefined {
  return spec.nodeName === undefined ? undefined : context.get(Node, { name: spec.nodeName });
}

function report(pod: Pod, message: string, { events }: Context): void {
  events.report(pod, { type: 'Normal', reason: 'TaintManagerEviction', message });
}

const EVICTED = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

async function evict(pod: Pod, context: Context): Promise<void> {
  const told = await tellPod(pod, { condition: EVICTED }, context);
  if (told === undefined) return;
  await unlessMissing(context.client.delete(Pod, refOf(pod), { preconditions: { uid: pod.metadata.uid } }));
}
