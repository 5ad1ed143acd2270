/** Spreading over topology domains: the hard constraints as a filter, the soft ones as a score. */
import { hasLabels, matchesLabels, type Selector, selectorFrom } from '#api/meta/label-selector';
import type { Node, Pod, TopologySpreadConstraint } from '#api/types/core-v1';
import { labelsOf, namespaceOf, podsOn, type ReferenceCluster } from './cluster.ts';
import { acceptsTaints, type Filter, helpless, matchesNodeAffinity } from './node-filters.ts';
import type { Score } from './node-scores.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

type Constraint = {
  readonly maxSkew: number;
  readonly key: string;
  readonly selector: Selector;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
};

const SYSTEM_DEFAULTS: readonly Omit<Constraint, 'selector'>[] = [
  { maxSkew: 3, key: HOSTNAME, minDomains: 1, honorsAffinity: true, honorsTaints: false },
  { maxSkew: 5, key: ZONE, minDomains: 1, honorsAffinity: true, honorsTaints: false },
];

function constraintsOf(pod: Pod, whenUnsatisfiable: string): readonly Constraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter((constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable)
    .map((constraint) => ({
      maxSkew: constraint.maxSkew,
      key: constraint.topologyKey,
      selector: selectorOf(constraint, pod),
      minDomains: constraint.minDomains ?? 1,
      honorsAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
      honorsTaints: (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
    }));
}

function selectorOf({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod): Selector {
  const own = selectorFrom(labelSelector);
  const more = matchLabelKeys.flatMap((key) => {
    const value = labelsOf(pod)[key];
    return value === undefined ? [] : [{ key, operator: 'in', values: [value] } as const];
  });
  return { ...own, requirements: [...own.requirements, ...more] };
}

const hasAllKeys = (node: Node, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ key }) => labelsOf(node)[key] !== undefined);

function counts(cluster: ReferenceCluster, pod: Pod, { node, constraint }: Place): boolean {
  if (constraint.honorsAffinity && !matchesNodeAffinity(pod, node)) return false;
  return !constraint.honorsTaints || acceptsTaints(cluster, pod, node);
}

type Place = { readonly node: Node; readonly constraint: Constraint };

/** Pods about to go count no more, and a selector that selects everything counts nothing (upstream: `selector.Empty()`). */
const matching = (cluster: ReferenceCluster, pod: Pod, { node, constraint }: Place): number =>
  podsOn(cluster, node).filter(
    (other) =>
      constraint.selector.requirements.length > 0 &&
      other.metadata.deletionTimestamp === undefined &&
      namespaceOf(other) === namespaceOf(pod) &&
      matchesLabels(constraint.selector, labelsOf(other)),
  ).length;

export const podTopologySpread: Filter = (cluster, pod, node) => {
  const constraints = constraintsOf(pod, 'DoNotSchedule');
  const missing = "node(s) didn't match pod topology spread constraints (missing required label)";
  for (const constraint of constraints) {
    const domain = labelsOf(node)[constraint.key];
    if (domain === undefined) return helpless(missing);
    const domains = new Map<string, number>();
    for (const other of cluster.nodes) {
      const place = { node: other, constraint };
      if (!hasAllKeys(other, constraints) || !counts(cluster, pod, place)) continue;
      const name = labelsOf(other)[constraint.key] ?? '';
      domains.set(name, (domains.get(name) ?? 0) + matching(cluster, pod, place));
    }
    const least = domains.size < constraint.minDomains ? 0 : Math.min(...domains.values());
    const self = matchesLabels(constraint.selector, labelsOf(pod)) ? 1 : 0;
    if ((domains.get(domain) ?? 0) + self - least > constraint.maxSkew)
      return { reasons: ["node(s) didn't match pod topology spread constraints"], helpless: false };
  }
  return undefined;
};

/** What is selected by all that selects the pod: its services, and the controller that made it. */
function defaultSelector({ sources }: ReferenceCluster, pod: Pod): Selector {
  const near = sources.filter(({ namespace }) => namespace === namespaceOf(pod));
  const pairs: Record<string, string> = {};
  for (const source of near)
    if (source.kind === 'Service' && hasLabels(labelsOf(pod), source.selector)) Object.assign(pairs, source.selector);
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const made = near.find(({ kind, name }) => kind !== 'Service' && kind === owner?.kind && name === owner.name);
  if (made?.kind === 'ReplicationController') Object.assign(pairs, made.selector);
  const ofMaker =
    made?.kind === 'ReplicaSet' || made?.kind === 'StatefulSet' ? selectorFrom(made.selector).requirements : [];
  const equal = Object.entries(pairs).map(([key, value]) => ({ key, operator: 'in', values: [value] }) as const);
  return { requirements: [...equal, ...ofMaker] };
}

function softConstraints(cluster: ReferenceCluster, pod: Pod): readonly Constraint[] {
  if ((pod.spec.topologySpreadConstraints ?? []).length > 0) return constraintsOf(pod, 'ScheduleAnyway');
  const selector = defaultSelector(cluster, pod);
  if (selector.requirements.length === 0) return [];
  return SYSTEM_DEFAULTS.map((constraint) => ({ ...constraint, selector }));
}

export const podTopologySpreadScore: Score = (cluster, pod, candidates) => {
  const constraints = softConstraints(cluster, pod);
  if (constraints.length === 0) return candidates.map(() => ({ raw: 0, normalized: 0 }));
  // The system's own constraints do not mind nodes that lack one of the labels.
  const needsAll = (pod.spec.topologySpreadConstraints ?? []).length > 0;
  const isScored = (node: Node): boolean => !needsAll || hasAllKeys(node, constraints);
  const scored = candidates.filter(isScored);
  const raw = candidates.map((node) => {
    if (!isScored(node)) return undefined;
    let score = 0;
    for (const constraint of constraints) {
      const domain = labelsOf(node)[constraint.key];
      if (domain === undefined) continue;
      const domains = new Set(scored.map((each) => labelsOf(each)[constraint.key] ?? ''));
      const size = constraint.key === HOSTNAME ? scored.length : domains.size;
      const others =
        constraint.key === HOSTNAME
          ? [node]
          : cluster.nodes.filter(
              (each) =>
                isScored(each) &&
                labelsOf(each)[constraint.key] === domain &&
                counts(cluster, pod, { node: each, constraint }),
            );
      const found = others.reduce((sum, each) => sum + matching(cluster, pod, { node: each, constraint }), 0);
      score += found * Math.log(size + 2) + (constraint.maxSkew - 1);
    }
    return Math.round(score);
  });
  const known = raw.filter((score) => score !== undefined);
  const least = Math.min(...known);
  const greatest = Math.max(0, ...known);
  return raw.map((score) => {
    if (score === undefined) return { raw: 0, normalized: 0 };
    const normalized = greatest === 0 ? 100 : Math.trunc((100 * (greatest + least - score)) / greatest);
    return { raw: score, normalized };
  });
};
