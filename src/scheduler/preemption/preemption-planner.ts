/** Decides whom a pod that fits nowhere drives off, if anybody (upstream: DefaultPreemption). Pure. */
import type { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import type { Refused } from '../framework/placement.ts';
import type { Refusal } from '../framework/plugin.ts';
import { podShape } from '../snapshot/pod-shape.ts';
import type { Candidate } from './candidate.ts';
import { CandidateTable, NOT_HELPFUL, type Preempting, type Verdict } from './candidate-table.ts';
import { priorityOf } from './importance.ts';
import { NO_VICTIMS } from './select-victims.ts';

export type PreemptionArgs = {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
};

export type PreemptionRequest = Preempting & {
  readonly refused: Refused;
  readonly args: PreemptionArgs;
  /** No pod that has a node is of lower priority than this. */
  readonly lowestPriority: number;
  /** A number in [0, 1) that decides where a search begins that does not look at every node. */
  readonly draw: number;
};

export type Preemption =
  /** `others`: as long as nothing else is decided. */
  | { readonly kind: 'clear'; readonly candidate: Candidate; readonly others: () => readonly Candidate[] }
  /** `nomination`: whether the pod still waits for a node that is being cleared. */
  | { readonly kind: 'none'; readonly message: string; readonly nomination: 'keep' | 'drop' };

// Tables of so many shapes and priorities are kept.
const TABLES_AT_MOST = 16;

export class PreemptionPlanner {
  readonly #tables = new Map<string, Entry>();

  plan(request: PreemptionRequest): Preemption {
    const why = whyNotEligible(request);
    if (why !== undefined) return { kind: 'none', message: `preemption: ${why}`, nomination: 'keep' };
    const { pod, lowestPriority, refused } = request;
    if (priorityOf(pod) <= lowestPriority) return none(refused.nodeCount, countHopeless(refused));
    const share = Math.floor((refused.nodeCount * request.args.minCandidateNodesPercentage) / 100);
    const atLeast = Math.max(share, request.args.minCandidateNodesAbsolute);
    const table = this.#tableFor(request);
    const verdicts = table.verdicts({ atLeast, draw: request.draw });
    if (!table.isLasting) table.release();
    const best = table.best();
    if (best === undefined) return none(refused.nodeCount, countReasons(verdicts, refused.nodeCount));
    return { kind: 'clear', candidate: best, others: () => table.some(atLeast) };
  }

  #tableFor(request: PreemptionRequest): CandidateTable {
    const { state, profile, pod, budgets } = request;
    const made = { state, profile, pod, budgets };
    // Whoever has claims is refused for what these are, too.
    if (pod.spec.volumes?.some(mayHaveClaim) === true) return new CandidateTable(made);
    const key = `${priorityOf(pod)} ${podShape(pod.spec).number}`;
    const known = this.#tables.get(key);
    const entry = known !== undefined && holdsFor(known.request, made) ? known : newEntry(made);
    this.#keep(key, entry);
    return entry.table;
  }

  /** The one used last stands last. */
  #keep(key: string, entry: Entry): void {
    this.#tables.delete(key);
    if (!entry.table.isLasting) return;
    this.#tables.set(key, entry);
    const [oldest] = this.#tables.keys();
    if (this.#tables.size > TABLES_AT_MOST && oldest !== undefined) this.#tables.delete(oldest);
  }
}

type Entry = { readonly table: CandidateTable; readonly request: Preempting };

const newEntry = (request: Preempting): Entry => ({ request, table: new CandidateTable(request) });
const holdsFor = (known: Preempting, { state, profile, budgets }: Preempting): boolean =>
  known.state === state && known.profile === profile && known.budgets === budgets;

const mayHaveClaim = (volume: { readonly persistentVolumeClaim?: unknown; readonly ephemeral?: unknown }): boolean =>
  volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined;

function whyNotEligible({ pod, state, refused }: PreemptionRequest): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName ?? '';
  const slot = nominated === '' ? undefined : state.slotOf(nominated);
  if (slot === undefined || isHopeless(refused, nominated)) return undefined;
  const waits = state.podsAt(slot).some((other) => priorityOf(other) < priorityOf(pod) && isBeingPreempted(other));
  return waits ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function isHopeless({ groups, because }: Refused, node: string): boolean {
  if (because !== undefined) return !because.resolvable;
  return groups.some(({ refusal, nodes }) => !refusal.resolvable && nodes().includes(node));
}

function isBeingPreempted(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const target = podCondition(pod, 'DisruptionTarget');
  return target?.status === 'True' && target.reason === 'PreemptionByScheduler';
}

type Counts = Map<Refusal, number>;

/** Nobody could be driven off anywhere. */
function countHopeless({ groups, nodeCount, because }: Refused): Counts {
  const resolvable =
    because === undefined
      ? groups.reduce((sum, { refusal, count }) => sum + (refusal.resolvable ? count : 0), 0)
      : because.resolvable
        ? nodeCount
        : 0;
  return new Map([
    [NO_VICTIMS, resolvable],
    [NOT_HELPFUL, nodeCount - resolvable],
  ]);
}

function countReasons(verdicts: readonly (Verdict | undefined)[], nodeCount: number): Counts {
  const counts: Counts = new Map();
  let seen = 0;
  for (const verdict of verdicts) {
    if (verdict === undefined || 'victims' in verdict) continue;
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    seen++;
  }
  return counts.set(NOT_HELPFUL, (counts.get(NOT_HELPFUL) ?? 0) + nodeCount - seen);
}

function none(nodeCount: number, counts: Counts): Preemption {
  const byReason = new Map<string, number>();
  for (const [{ reasons }, count] of counts)
    for (const reason of reasons) if (count > 0) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  const texts = [...byReason].map(([reason, count]) => `${count} ${reason}`).toSorted();
  const message = `preemption: 0/${nodeCount} nodes are available: ${texts.join(', ')}.`;
  return { kind: 'none', message, nomination: 'drop' };
}
