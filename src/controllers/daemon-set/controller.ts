/** Keeps one pod of a daemon set on every node that suits it. */
import { ControllerRevision } from '#api/apps/controller-revision';
import { DaemonSet } from '#api/apps/daemon-set';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { selectorFrom } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { DaemonSetStatus } from '#api/types/apps-v1';
import type { Change } from '#client/informer';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on, type Context, type Controller, type Outcome } from '../framework/controller.ts';
import { forget, keepHistory, type History } from '../history/history.ts';
import { planForgotten, REVISION_HASH } from '../history/plan-history.ts';
import { claim, unlessMissing } from '../ownership/claim.ts';
import { claimable, controlledBy, indexedByController, ownerKeys } from '../ownership/owner-keys.ts';
import { restAfter } from '../pods/rest.ts';
import { FailedPods } from './failed-pods.ts';
import { manage, sooner } from './manage.ts';
import { planNodes, type DaemonSnapshot } from './plan-nodes.ts';
import { nextAvailableInMs, planDaemonSetStatus } from './plan-status.ts';

export function daemonSet(): Controller {
  const failures = new FailedPods();
  return defineController({
    name: 'daemon-set-controller',
    eventSource: 'daemonset-controller',
    reads: [DaemonSet, Pod, Node, ControllerRevision],
    writes: [DaemonSet, Pod, ControllerRevision],
    triggers: [
      on(DaemonSet, ({ before, after }) => [keyOf((after ?? before)!)]),
      on(Pod, ownerKeys(DaemonSet)),
      on(ControllerRevision, ownerKeys(DaemonSet)),
      on(Node, setsOfNode),
      indexedByController(Pod),
      indexedByController(ControllerRevision),
    ],
    async reconcile(key, context) {
      const set = context.get(DaemonSet, refOfKey(key));
      if (set === undefined) failures.forget(key);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const selector = selectorFrom(set.spec.selector);
      if (selector.requirements.length === 0) return refuse(set, context);
      await claim(
        { owner: set, ownerType: DaemonSet, type: Pod, selector, objects: claimable(Pod, set, context) },
        context,
      );
      const request = { owner: set, type: DaemonSet, hashLabel: REVISION_HASH, collisionCount: collisionsOf(set) };
      const history = await keepHistory(request, context);
      if (history === 'collision') return await countCollision(set, context);
      const look = (): DaemonSnapshot => snapshotOf(set, history, context);
      const before = look();
      const work = await manage(before, failures, context);
      await forgetOld(set, history, context);
      // What was just done shows: reads are never older than own writes.
      const after = work.calm === undefined ? look() : before;
      await writeStatus(set, planDaemonSetStatus(after, work.calm ?? planNodes(after).nodes), context);
      if (work.failure !== undefined) throw work.failure;
      const againInMs = sooner(work.againInMs, nextAvailableInMs(after));
      return { againInMs, restMs: work.calm && restAfter(after.pods.length) };
    },
  });
}

const collisionsOf = ({ status }: DaemonSet): number => status?.collisionCount ?? 0;

/** All of them, when something changes by which nodes are chosen. */
function setsOfNode({ before, after }: Change<Node>, context: Context): readonly string[] {
  const isSame =
    before !== undefined &&
    after !== undefined &&
    semanticEqual(before.metadata.labels, after.metadata.labels) &&
    semanticEqual(before.spec.taints, after.spec.taints);
  return isSame ? [] : context.informer(DaemonSet).list().map(keyOf);
}

function refuse(set: DaemonSet, { events }: Context): undefined {
  const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
  events.report(set, { type: 'Warning', reason: 'SelectingAll', message });
}

async function countCollision(set: DaemonSet, context: Context): Promise<Outcome> {
  const status = { ...EMPTY, ...set.status, collisionCount: collisionsOf(set) + 1 };
  await writeStatus(set, status, context);
  return { againInMs: 0 };
}

const EMPTY: DaemonSetStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

function snapshotOf(set: DaemonSet, { current }: History, context: Context): DaemonSnapshot {
  return {
    set,
    nodes: context.informer(Node).list(),
    pods: controlledBy(Pod, set.metadata.uid, context),
    hash: current.metadata.labels?.[REVISION_HASH] ?? '',
    nowMs: context.now(),
  };
}

async function forgetOld(set: DaemonSet, { current, revisions }: History, context: Context): Promise<void> {
  const pods = controlledBy(Pod, set.metadata.uid, context);
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[REVISION_HASH]));
  const isLive = (revision: ControllerRevision): boolean =>
    revision.metadata.uid === current.metadata.uid || live.has(revision.metadata.labels?.[REVISION_HASH]);
  await forget(planForgotten(revisions, isLive, set.spec.revisionHistoryLimit ?? 10), context);
}

async function writeStatus(set: DaemonSet, status: DaemonSetStatus, { client }: Context): Promise<void> {
  if (semanticEqual(set.status, status)) return;
  await unlessMissing(client.update(DaemonSet, { ...set, status }, { subresource: 'status' }));
}
