/** What one decision costs as the cluster grows: a pod of one template is placed and counted, on 100 to 50,000 nodes. */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import { placePod } from '#scheduler/framework/place';
import { defaultProfile } from '#scheduler/plugins/default-profile';
import { ClusterState } from '#scheduler/snapshot/cluster-state';
import { seededRandom } from '#base/seeded-random';
import type { BenchContext, Measurement, Scale } from '../suite.ts';
import { type Curve, saveCurves } from './curve-svg.ts';
import { aNode, PODS, type PodTemplate } from './templates.ts';

const NODES = [100, 300, 1000, 3000, 10_000, 30_000, 50_000];
const DECISIONS: Readonly<Record<Scale, number>> = { full: 3000, quick: 500 };
const ROUNDS = 5;
const WARM_UP_SIZES = 4;
const TEMPLATES = {
  'pods of one template': PODS.default,
  'with a zone to spread over': PODS.preferredSpreading,
  'with an affinity': PODS.preferredAffinity,
};
/** The one whose cost may grow no faster than the logarithm of the nodes. */
const LOGARITHMIC = 'pods of one template';

export async function measureDecisions({ scale, progress, signal }: BenchContext): Promise<readonly Measurement[]> {
  const curves: Curve[] = [];
  for (const [name, template] of Object.entries(TEMPLATES)) {
    progress(`decisions on ${NODES.map((nodes) => nodes.toLocaleString('en')).join(', ')} nodes, ${name}`);
    curves.push({ name, points: bestCosts(template, DECISIONS[scale], signal) });
  }
  if (scale === 'full') await saveCurves(curves);
  return curves.flatMap(rowsOf);
}

function rowsOf({ name, points }: Curve): readonly Measurement[] {
  const [first] = points;
  return points.map(({ nodes, microseconds }) => ({
    workload: `a decision on ${nodes.toLocaleString('en')} nodes, ${name}`,
    figure: microseconds,
    unit: 'µs',
    ...(first === undefined ? {} : { reference: { name: `${first.nodes} nodes`, figure: first.microseconds } }),
    ...(first === undefined || name !== LOGARITHMIC
      ? {}
      : { targets: [{ of: 'ratio', keep: 'at most', limit: Math.log(nodes) / Math.log(first.nodes) }] }),
  }));
}

/** Noise only ever slows a round down, and comes in bursts: the rounds go through all sizes, and before the first is one to get warm. */
function bestCosts(template: PodTemplate, decisions: number, signal: AbortSignal): Curve['points'] {
  for (const nodes of NODES.slice(0, WARM_UP_SIZES)) costOf(nodes, template, decisions);
  const rounds = Array.from({ length: ROUNDS }, () =>
    NODES.map((nodes) => {
      signal.throwIfAborted();
      return costOf(nodes, template, decisions);
    }),
  );
  return NODES.map((nodes, index) => ({ nodes, microseconds: Math.min(...rounds.map((costs) => costs[index] ?? 0)) }));
}

/** Microseconds a decision. */
function costOf(nodes: number, template: PodTemplate, decisions: number): number {
  const state = new ClusterState();
  const zones = ['moon-1', 'moon-2', 'moon-3'];
  for (let index = 0; index < nodes; index++) state.setNode(aNode(index, { zones }) as Node);
  const random = seededRandom(1);
  // The first decision on a cluster looks at every node; what is measured are those after it.
  const warmUp = Math.ceil(decisions / 10);
  let startMs = 0;
  for (let index = -warmUp; index < decisions; index++) {
    if (index === 0) startMs = performance.now();
    const { metadata, spec } = template;
    const own = { ...metadata, name: `pod-${index}`, namespace: 'sched-0', uid: `uid-${index}` };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: own, spec } as Pod;
    const placement = placePod(state, pod, { profile: defaultProfile, draw: random() });
    if (!placement.placed)
      throw new Error(`Cannot measure: pod ${index} of ${decisions} fits on none of ${nodes} nodes`);
    state.setPod({ ...pod, spec: { ...spec, nodeName: placement.node } });
  }
  return ((performance.now() - startMs) * 1000) / decisions;
}
