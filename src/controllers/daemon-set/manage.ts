/** Carries out what is planned for the pods of a daemon set. */
import { DaemonSet } from '#api/apps/daemon-set';
import type { Pod } from '#api/core/pod';
import type { Unsaved } from '#api/object';
import type { Report } from '#client/event-recorder';
import { keyOf } from '#client/key';
import type { Context } from '../framework/controller.ts';
import { REVISION_HASH } from '../history/plan-history.ts';
import { buildPod } from '../pods/build-pod.ts';
import { createPod, removePod } from '../pods/change-pods.ts';
import { inSlowStart } from '../replicaset/slow-start.ts';
import type { FailedPods } from './failed-pods.ts';
import { planManage } from './plan-manage.ts';
import { planNodes, type DaemonNode, type DaemonSnapshot } from './plan-nodes.ts';
import { specForNode } from './plan-placement.ts';
import { planRolling } from './plan-rolling.ts';

type Work = {
  readonly failure: Error | undefined;
  readonly againInMs: number | undefined;
  /** As they were found, if nothing was to be done. */
  readonly calm: readonly DaemonNode[] | undefined;
};

/** What is amiss is mended first; only then old pods are replaced. */
export async function manage(snapshot: DaemonSnapshot, failures: FailedPods, context: Context): Promise<Work> {
  const nodes = planNodes(snapshot);
  const { create, remove, failed, succeeded } = planManage(snapshot, nodes);
  const { due, againInMs } = dueFailures(snapshot, failed, failures);
  for (const pod of due) context.events.report(snapshot.set, failedReport(pod));
  for (const pod of succeeded) context.events.report(snapshot.set, succeededReport(pod));
  const mended = { create, remove: [...remove, ...due, ...succeeded] };
  const isWell = mended.create.length + mended.remove.length === 0;
  const changes = isWell ? planRolling(snapshot, nodes.nodes) : mended;
  const failure = await change(snapshot, changes, context);
  const isCalm = changes.create.length + changes.remove.length === 0;
  return { failure, againInMs, calm: isCalm ? nodes.nodes : undefined };
}

type Due = { readonly due: readonly Pod[]; readonly againInMs: number | undefined };

function dueFailures({ set, nowMs }: DaemonSnapshot, failed: readonly Pod[], failures: FailedPods): Due {
  const due: Pod[] = [];
  // What is changed on a set is meant to end its failures.
  const attempt = `${set.metadata.uid}/${set.status?.observedGeneration ?? 0}`;
  let againInMs: number | undefined;
  for (const pod of failed) {
    const waitMs = failures.waitMs({ set: keyOf(set), attempt, node: pod.spec.nodeName ?? '' }, nowMs);
    if (waitMs === 0) due.push(pod);
    else againInMs = sooner(againInMs, waitMs);
  }
  return { due, againInMs };
}

export function sooner(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);
}

const placeOf = (pod: Pod): string => `${keyOf(pod)} on node ${pod.spec.nodeName ?? ''}`;

const failedReport = (pod: Pod): Report => ({
  type: 'Warning',
  reason: 'FailedDaemonPod',
  message: `Found failed daemon pod ${placeOf(pod)}, will try to kill it`,
});

const succeededReport = (pod: Pod): Report => ({
  type: 'Normal',
  reason: 'SucceededDaemonPod',
  message: `Found succeeded daemon pod ${placeOf(pod)}, will try to delete it`,
});

type Changes = { readonly create: readonly string[]; readonly remove: readonly Pod[] };

// One reconcile creates or removes no more than this, as upstream.
const BURST = 250;

async function change(
  snapshot: DaemonSnapshot,
  { create, remove }: Changes,
  context: Context,
): Promise<Error | undefined> {
  const nodes = create.values();
  const count = Math.min(create.length, BURST);
  const failure = await inSlowStart(count, () =>
    createPod(snapshot.set, podFor(snapshot, nodes.next().value), context),
  );
  const removals = await Promise.all(remove.slice(0, BURST).map((pod) => removePod(snapshot.set, pod, context)));
  return failure ?? removals.find((each) => each !== undefined);
}

function podFor({ set, hash }: DaemonSnapshot, node = ''): Unsaved<Pod> {
  const pod = buildPod(set, DaemonSet, set.spec.template);
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation'];
  const labels = {
    ...pod.metadata.labels,
    [REVISION_HASH]: hash,
    ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
  };
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: specForNode(pod.spec, node) };
}
