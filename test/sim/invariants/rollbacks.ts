/** What is promised about revisions that are taken back: only those that failed, only for one that worked, and not again before the template changes. */
import type { Deployment } from '#api/apps/deployment';
import type { ReplicaSet } from '#api/apps/replica-set';
import { findCondition } from '#api/meta/conditions';
import type { StoreEvent } from '#store/store';
import { type ClusterView, isServing } from './cluster-view.ts';

const HEALTHY = 'tutti.io/healthy-revision';
const FAILED = 'tutti.io/failed-revision';
const SWITCH = 'tutti.io/automatic-rollback';

type Write = { readonly view: ClusterView; readonly set: ReplicaSet; readonly before: ReplicaSet | undefined };

const note = (set: ReplicaSet | undefined, name: string): string | undefined => set?.metadata.annotations?.[name];

export function checkRollbacks(view: ClusterView, event: StoreEvent): string | undefined {
  if (!event.key.startsWith('/apps/replicasets/') || event.type === 'delete') return undefined;
  const write = { view, set: event.object as ReplicaSet, before: event.previous as ReplicaSet | undefined };
  return checkProof(write) ?? checkVerdict(write) ?? checkHeld(write);
}

/** A revision is called healthy once as many of its pods as were wanted have worked at a time; when that is heard of, some may be gone again. */
function checkProof({ view, set, before }: Write): string | undefined {
  if (note(set, HEALTHY) === undefined || note(set, HEALTHY) === note(before, HEALTHY)) return undefined;
  const found = view.mostServing(set.metadata.uid);
  // The note may ride on a change of the size.
  const wanted = Math.min(set.spec.replicas ?? 1, before?.spec.replicas ?? 1);
  return found < wanted
    ? `${set.metadata.name} is called healthy, ${found} of ${wanted} pods served lately`
    : undefined;
}

/** A revision is called failed only when its time is over, for another that was healthy, never if it was so itself, and where nobody has switched that off. */
function checkVerdict({ view, set, before }: Write): string | undefined {
  if (note(set, FAILED) === undefined || note(before, FAILED) !== undefined) return undefined;
  const { name, namespace = '', uid } = set.metadata;
  const owner = set.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const deployment = view.find<Deployment>(`/apps/deployments/${namespace}/${owner?.name ?? ''}`);
  if (deployment?.metadata.annotations?.[SWITCH] === 'false') return `${name} is called failed, nobody may`;
  const progress = findCondition(deployment?.status?.conditions, 'Progressing');
  if (progress?.reason !== 'ProgressDeadlineExceeded') return `${name} is called failed before its time is over`;
  if (view.activePods(uid).filter(isServing).length > 0 && note(set, HEALTHY) !== undefined)
    return `${name} is called failed and was healthy`;
  const others = view.allOf<ReplicaSet>(`/apps/replicasets/${namespace}/`).filter((each) => {
    const isOther = each.metadata.uid !== uid && note(each, HEALTHY) !== undefined;
    return isOther && each.metadata.ownerReferences?.some((reference) => reference.uid === owner?.uid) === true;
  });
  return others.length === 0 ? `${name} is called failed, and no other revision was healthy` : undefined;
}

/** What is held back gets no more pods. */
function checkHeld({ set, before }: Write): string | undefined {
  if (note(before, FAILED) === undefined || note(set, FAILED) === undefined) return undefined;
  const [from, to] = [before?.spec.replicas ?? 1, set.spec.replicas ?? 1];
  return to > from ? `${set.metadata.name} is held back and grows from ${from} to ${to}` : undefined;
}
