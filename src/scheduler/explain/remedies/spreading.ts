/** Ways onto nodes that the pod's own spreading forbids: a wider spread, a wish instead of a rule, or a label that is missing. */
import type { Pod } from '#api/core/pod';
import type { TopologySpreadConstraint } from '#api/types/core-v1';
import { type Refused, type Remedies, type Remedy, withLabels, withSpec } from '../remedy.ts';

const WIDEST = 2 ** 16;

export const spreadWider: Remedies = (refused) => {
  const { pod, node } = refused;
  const constraints = pod.spec.topologySpreadConstraints ?? [];
  const hard = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  const keys = hard.map(({ topologyKey }) => topologyKey);
  const missing = keys.find((key) => node.metadata.labels?.[key] === undefined);
  if (missing !== undefined) return [...labelNode(refused, missing), softened(missing)];
  const broken = hard.filter((constraint) => refused.refuses(withOnly(pod, constraint)));
  return broken.length === 1 && broken[0] !== undefined ? around(broken[0], refused) : [softenedAll];
};

const withOnly = (pod: Pod, constraint: TopologySpreadConstraint): Pod =>
  withSpec(pod, { topologySpreadConstraints: [constraint] });

function around(constraint: TopologySpreadConstraint, refused: Refused): readonly Remedy[] {
  const { topologyKey, maxSkew, minDomains = 1 } = constraint;
  const skew = leastSkew(constraint, refused);
  const raise: Remedy = {
    text: `raise maxSkew over ${topologyKey} from ${maxSkew} to ${skew} in the pod`,
    effort: 3 + (skew - maxSkew) / 10,
    pod: (pod) => replaced(pod, topologyKey, (each) => ({ ...each, maxSkew: skew })),
  };
  const withoutMinimum = { ...constraint, minDomains: 1 };
  if (minDomains === 1 || refused.refuses(withOnly(refused.pod, withoutMinimum))) return [raise, softened(topologyKey)];
  const fewer: Remedy = {
    text: `drop minDomains ${minDomains} over ${topologyKey} from the pod`,
    effort: 3,
    pod: (pod) => replaced(pod, topologyKey, ({ minDomains: _minDomains, ...each }) => each),
  };
  return [fewer, raise, softened(topologyKey)];
}

/** The least that the node would do with. */
function leastSkew(constraint: TopologySpreadConstraint, { pod, refuses }: Refused): number {
  let low = constraint.maxSkew;
  let high = WIDEST;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (refuses(withOnly(pod, { ...constraint, maxSkew: middle }))) low = middle;
    else high = middle;
  }
  return high;
}

const softened = (topologyKey: string): Remedy => ({
  text: `wish for spreading over ${topologyKey} (whenUnsatisfiable: ScheduleAnyway) instead of insisting on it in the pod`,
  effort: 4,
  pod: (pod) => replaced(pod, topologyKey, soft),
});

const softenedAll: Remedy = {
  text: 'wish for spreading (whenUnsatisfiable: ScheduleAnyway) instead of insisting on it in the pod',
  effort: 5,
  pod: (pod) => withSpec(pod, { topologySpreadConstraints: pod.spec.topologySpreadConstraints?.map(soft) ?? [] }),
};

/** Wishes have no least number of domains. */
function soft({ minDomains: _minDomains, ...constraint }: TopologySpreadConstraint): TopologySpreadConstraint {
  return { ...constraint, whenUnsatisfiable: 'ScheduleAnyway' };
}

function replaced(
  pod: Pod,
  topologyKey: string,
  change: (constraint: TopologySpreadConstraint) => TopologySpreadConstraint,
): Pod {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).map((each) =>
    each.topologyKey === topologyKey && each.whenUnsatisfiable === 'DoNotSchedule' ? change(each) : each,
  );
  return withSpec(pod, { topologySpreadConstraints: constraints });
}

const VALUES_AT_MOST = 10;

/** Into a domain that there is, or one of its own. */
export function labelNode({ node, state }: Pick<Refused, 'node' | 'state'>, key: string): readonly Remedy[] {
  const { name } = node.metadata;
  const values = new Set<string>();
  for (let slot = 0; slot < state.slotsEnd && values.size < VALUES_AT_MOST; slot++) {
    const value = state.nodeAt(slot)?.metadata.labels?.[key];
    if (value !== undefined) values.add(value);
  }
  if (key === 'kubernetes.io/hostname') values.clear();
  return [...values, ...(values.has(name) ? [] : [name])].map((value) => ({
    text: `label node ${name} with ${key}=${value}`,
    effort: value === name && values.size > 0 ? 2.5 : 2,
    node: (each) => withLabels(each, { ...each.metadata.labels, [key]: value }),
  }));
}
