/** Preemption in random clusters: just enough victims, and nothing remembered that is not so any more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '#api/core/pod';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { DEFAULT_ARGS } from '../config/known-plugins.ts';
import { placePod } from '../framework/place.ts';
import { defaultProfile as profile } from '../plugins/default-profile.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { priorityOf } from './importance.ts';
import { type Preemption, PreemptionPlanner } from './preemption-planner.ts';

const NODES = ['a', 'b', 'c', 'd'];

type Parts = {
  readonly milli: number;
  readonly priority: number;
  readonly node?: string;
  readonly port: number | undefined;
};

function pod(name: string, { milli, priority, node, port }: Parts): Pod {
  const ports = port === undefined ? {} : { ports: [{ containerPort: 80, hostPort: port }] };
  const container = { name: 'main', image: 'i', resources: { requests: { cpu: `${milli}m` } }, ...ports };
  return aPod({
    name,
    spec: { priority, containers: [container], ...(node === undefined ? {} : { nodeName: node }) },
    status: { phase: 'Running', startTime: '2026-01-01T00:00:00Z' },
  });
}

const priorities = fc.integer({ min: -2, max: 4 });
const ports = fc.option(fc.integer({ min: 8080, max: 8082 }), { nil: undefined });
const somewhere = fc.record({
  milli: fc.integer({ min: 100, max: 1500 }),
  priority: priorities,
  node: fc.constantFrom(...NODES),
  port: ports,
});
const edits = fc.array(fc.record({ add: somewhere, remove: fc.nat(), rank: priorities, port: ports }), {
  minLength: 1,
  maxLength: 8,
});

const planned = (state: ClusterState, preemptor: Pod, planner: PreemptionPlanner): Preemption | undefined => {
  const refused = placePod(state, preemptor, { profile, draw: 0 });
  if (refused.placed) return undefined;
  const { DefaultPreemption: args } = DEFAULT_ARGS;
  return planner.plan({ state, profile, pod: preemptor, budgets: NONE, refused, args, lowestPriority: -2, draw: 0 });
};
const NONE: readonly never[] = [];
test('[PRE1] with its victims gone the pod fits, with any of them back it does not, and none matters as much as it', () => {
  fc.assert(
    fc.property(fc.array(somewhere, { maxLength: 20 }), priorities, ports, (there, priority, port) => {
      const state = new ClusterState();
      for (const name of NODES) state.setNode(aNode({ name, allocatable: { cpu: '2' } }));
      for (const [index, parts] of there.entries()) state.setPod(pod(`pod-${index}`, parts));
      const preemptor = pod('new', { milli: 1000, priority, port });
      const plan = planned(state, preemptor, new PreemptionPlanner());
      if (plan?.kind !== 'clear') return;
      const { victims, node } = plan.candidate;
      assert.ok(victims.every((victim) => priorityOf(victim) < priority));
      const fitsWithout = (removePods: readonly Pod[]): boolean =>
        state.whatIf({ removePods }, () => placePod(state, preemptor, { profile, draw: 0 })).placed;
      assert.ok(fitsWithout(victims), `${node} is not cleared`);
      for (const spared of victims) assert.ok(!fitsWithout(victims.filter((each) => each !== spared)));
    }),
  );
});

const told = (plan: ReturnType<typeof planned>): unknown =>
  plan?.kind === 'clear' ? { ...plan, others: plan.others() } : plan;

test('[PRE7] what is remembered from pod to pod is what would be found anew, whatever changes meanwhile', () => {
  fc.assert(
    fc.property(fc.array(somewhere, { maxLength: 12 }), edits, (there, steps) => {
      const state = new ClusterState();
      for (const name of NODES) state.setNode(aNode({ name, allocatable: { cpu: '2' } }));
      const uids = there.map((parts, index) => {
        const made = pod(`pod-${index}`, parts);
        state.setPod(made);
        return made.metadata.uid;
      });
      const lasting = new PreemptionPlanner();
      for (const [index, { add, remove, rank, port }] of steps.entries()) {
        const preemptor = pod(`new-${index}`, { milli: 1200, priority: rank, port });
        const found = [lasting, new PreemptionPlanner()].map((planner) => told(planned(state, preemptor, planner)));
        assert.deepEqual(found[0], found[1]);
        const [gone] = uids.splice(remove % (uids.length + 1), 1);
        if (gone !== undefined) state.removePod(gone);
        const made = pod(`more-${index}`, add);
        state.setPod(made);
        uids.push(made.metadata.uid);
      }
    }),
  );
});
