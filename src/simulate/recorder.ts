/** Follows a simulated cluster and adds up what happens to its workloads and budgets. */
import { DaemonSet } from '#api/apps/daemon-set';
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { StatefulSet } from '#api/apps/stateful-set';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isActive, isTerminal, podCondition } from '#api/core/pod-state';
import { ReplicationController } from '#api/core/replication-controller';
import { findCondition } from '#api/meta/conditions';
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';
import { parseTime } from '#api/meta/time';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { Clock } from '#base/world';
import type { Informers } from '#client/informer';
import type { BudgetReport, PendingPod, Share, Utilisation, WorkloadReport } from './report.ts';
import { workloadText } from './scenario.ts';
import { controllerOf, requested, type Workloads } from './workloads.ts';

type Tally = { degradedMs: number; downMs: number; least: number; came: number; went: number };
type BudgetTally = { violatedMs: number; violations: number; least: number; isViolated: boolean };

const KINDS = [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController] as const;

export class Recorder {
  readonly #informers: Informers;
  readonly #workloads: Workloads;
  readonly #clock: Clock;
  readonly #tallies = new Map<string, Tally>();
  readonly #budgets = new Map<string, BudgetTally>();
  /** Pods without a node, by uid. */
  readonly #unplaced = new Map<string, Pod>();
  #wanted: { readonly pods: ReadonlyMap<string, number>; readonly version: number } | undefined;
  #mostPending = 0;
  #lastMs = 0;
  #recording = false;

  constructor(informers: Informers, workloads: Workloads, clock: Clock) {
    this.#informers = informers;
    this.#workloads = workloads;
    this.#clock = clock;
    informers.for(Pod).subscribe(({ before, after }) => {
      this.#keepUnplaced(before, after);
      this.#count(before, after);
    });
    for (const type of KINDS) informers.for(type as typeof Deployment).subscribe(() => (this.#wanted = undefined));
    // An informer begins when it is first asked for.
    for (const type of [Node, PodDisruptionBudget]) informers.for(type as typeof Node);
  }

  /** From now on things count. */
  start(): void {
    this.#recording = true;
    this.#lastMs = this.#clock.now();
  }

  /** Adds the time since the last look to whatever is the case now. */
  look(): void {
    const now = this.#clock.now();
    const passedMs = now - this.#lastMs;
    this.#lastMs = now;
    for (const [workload, wanted] of this.#wantedPods()) {
      const ready = this.#workloads.readyPodsOf(workload);
      const tally = this.#tallyOf(workload);
      tally.least = Math.min(tally.least, ready);
      if (ready < wanted) tally.degradedMs += passedMs;
      if (ready === 0 && wanted > 0) tally.downMs += passedMs;
    }
    for (const budget of this.#informers.for(PodDisruptionBudget).list()) this.#lookAtBudget(budget, passedMs);
    this.#mostPending = Math.max(this.#mostPending, this.#unplaced.size);
  }

  get mostPending(): number {
    return this.#mostPending;
  }

  workloads(): readonly WorkloadReport[] {
    return [...this.#wantedPods()]
      .map(([workload, wanted]) => {
        const { degradedMs, downMs, least, came, went } = this.#tallyOf(workload);
        const readyAtEnd = this.#workloads.readyPodsOf(workload);
        return {
          workload,
          degradedSeconds: degradedMs / 1_000,
          downSeconds: downMs / 1_000,
          leastReady: Math.min(least, readyAtEnd),
          wanted,
          readyAtEnd,
          moves: Math.min(came, went),
        };
      })
      .toSorted((left, right) => (left.workload < right.workload ? -1 : 1));
  }

  budgets(): readonly BudgetReport[] {
    const budgets = this.#informers.for(PodDisruptionBudget).list();
    return budgets
      .map(({ metadata, status }) => {
        const name = `${metadata.namespace ?? ''}/${metadata.name}`;
        const { violatedMs, violations, least } = this.#budgetTallyOf(name);
        const leastHealthy = Math.min(least, status?.currentHealthy ?? 0);
        return {
          budget: name,
          violations,
          violatedSeconds: violatedMs / 1_000,
          leastHealthy,
          needed: status?.desiredHealthy ?? 0,
        };
      })
      .toSorted((left, right) => (left.budget < right.budget ? -1 : 1));
  }

  pending(): readonly PendingPod[] {
    return [...this.#unplaced.values()]
      .map((pod) => ({
        pod: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`,
        workload: this.#workloads.of(pod),
        pendingSeconds: (this.#clock.now() - parseTime(pod.metadata.creationTimestamp)) / 1_000,
        why: podCondition(pod, 'PodScheduled')?.message ?? 'the scheduler has not looked at it yet',
      }))
      .toSorted((left, right) => (left.pod < right.pod ? -1 : 1));
  }

  utilisation(): Utilisation {
    const nodes = this.#informers.for(Node).list();
    const ready = nodes.filter(({ status }) => findCondition(status?.conditions, 'Ready')?.status === 'True');
    const placed = this.#pods().filter(({ spec }) => spec.nodeName !== undefined);
    const room = (resource: string, read: (text: string) => number): number =>
      ready.reduce((sum, { status }) => sum + read(String(status?.allocatable?.[resource] ?? '0')), 0);
    const used = (resource: 'cpu' | 'memory'): number => placed.reduce((sum, pod) => sum + requested(pod, resource), 0);
    return {
      nodes: nodes.length,
      readyNodes: ready.length,
      cpuMilliCores: share(
        used('cpu'),
        room('cpu', (text) => milliUnits(parseQuantity(text))),
      ),
      memoryBytes: share(
        used('memory'),
        room('memory', (text) => wholeUnits(parseQuantity(text))),
      ),
      pods: share(placed.length, room('pods', Number)),
    };
  }

  #pods(): readonly Pod[] {
    return this.#informers
      .for(Pod)
      .list()
      .filter((pod) => !isTerminal(pod));
  }

  /** How many pods each workload is to have. */
  #wantedPods(): ReadonlyMap<string, number> {
    const { version } = this.#workloads;
    if (this.#wanted?.version !== version) this.#wanted = { pods: this.#readWanted(), version };
    return this.#wanted.pods;
  }

  #readWanted(): ReadonlyMap<string, number> {
    const wanted = new Map<string, number>();
    for (const type of KINDS) {
      for (const object of this.#informers.for(type as typeof Deployment).list()) {
        const { kind, metadata } = object;
        if (controllerOf(metadata) !== undefined || metadata.deletionTimestamp !== undefined) continue;
        wanted.set(workloadText({ kind, namespace: metadata.namespace ?? '', name: metadata.name }), wantedBy(object));
      }
    }
    for (const workload of this.#workloads.names()) {
      if (workload.startsWith('Pod ')) wanted.set(workload, 1);
    }
    return wanted;
  }

  #keepUnplaced(before: Pod | undefined, after: Pod | undefined): void {
    if (before !== undefined) this.#unplaced.delete(before.metadata.uid);
    if (after !== undefined && isUnplaced(after)) this.#unplaced.set(after.metadata.uid, after);
  }

  #count(before: Pod | undefined, after: Pod | undefined): void {
    const pod = after ?? before;
    if (!this.#recording || pod === undefined) return;
    const tally = this.#tallyOf(this.#workloads.of(pod));
    if (!isPlaced(before) && isPlaced(after)) tally.came++;
    if (isPlaced(pod) && !isGoing(before) && isGoing(after, true)) tally.went++;
  }

  #lookAtBudget({ metadata, status }: PodDisruptionBudget, passedMs: number): void {
    const tally = this.#budgetTallyOf(`${metadata.namespace ?? ''}/${metadata.name}`);
    const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
    const isViolated = currentHealthy < desiredHealthy;
    if (isViolated) tally.violatedMs += passedMs;
    if (isViolated && !tally.isViolated) tally.violations++;
    tally.isViolated = isViolated;
    tally.least = Math.min(tally.least, currentHealthy);
  }

  #tallyOf(workload: string): Tally {
    const known = this.#tallies.get(workload) ?? {
      degradedMs: 0,
      downMs: 0,
      least: Number.POSITIVE_INFINITY,
      came: 0,
      went: 0,
    };
    this.#tallies.set(workload, known);
    return known;
  }

  #budgetTallyOf(budget: string): BudgetTally {
    const known = this.#budgets.get(budget) ?? {
      violatedMs: 0,
      violations: 0,
      least: Number.POSITIVE_INFINITY,
      isViolated: false,
    };
    this.#budgets.set(budget, known);
    return known;
  }
}

function wantedBy({ kind, spec, status }: Deployment): number {
  if (kind !== 'DaemonSet') return spec.replicas ?? 1;
  return (status as { readonly desiredNumberScheduled?: number } | undefined)?.desiredNumberScheduled ?? 0;
}

const isUnplaced = (pod: Pod): boolean => isActive(pod) && pod.spec.nodeName === undefined;
const isPlaced = (pod: Pod | undefined): boolean => pod?.spec.nodeName !== undefined;
/** What is gone is going too; what was not there is not. */
function isGoing(pod: Pod | undefined, absent = false): boolean {
  return pod === undefined ? absent : pod.metadata.deletionTimestamp !== undefined;
}

function share(used: number, room: number): Share {
  return { requested: used, allocatable: room, percent: room === 0 ? 0 : Math.round((used / room) * 1_000) / 10 };
}
