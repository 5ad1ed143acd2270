/** What is kept from decision to decision says what a look at the whole cluster says, however much happened in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node, Pod } from '#api/types/core-v1';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { defaultProfile as profile } from '../plugins/default-profile.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { placePod } from './place.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

/** `change` tells one form of the node from the next. */
function nodeNumbered(index: number, change = 0): Node {
  const name = `node-${index}`;
  return aNode({
    name,
    labels: { [HOSTNAME]: name, [ZONE]: `zone-${index % 3}`, change: `${change}` },
    allocatable: { cpu: '16' },
  });
}

const APPS = ['web', 'db', 'cache'];

/** Soft over zones and hosts for one, hard over zones for the next, apart from its own kind for the third. */
function podOf(app: string, nodeName?: string, name = 'next'): Pod {
  const labelSelector = { matchLabels: { app } };
  const spread = (topologyKey: string, whenUnsatisfiable: string) => ({
    topologyKey,
    whenUnsatisfiable,
    maxSkew: 1,
    labelSelector,
  });
  const wishes = {
    web: { topologySpreadConstraints: [spread(ZONE, 'ScheduleAnyway'), spread(HOSTNAME, 'ScheduleAnyway')] },
    db: { topologySpreadConstraints: [spread(ZONE, 'DoNotSchedule')] },
    cache: {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: HOSTNAME, labelSelector } },
          ],
        },
      },
    },
  }[app];
  const containers = [{ name: 'main', image: app, resources: { requests: { cpu: '100m' } } }];
  return aPod({
    name,
    meta: { labels: { app } },
    spec: { containers, ...wishes, ...(nodeName === undefined ? {} : { nodeName }) },
  });
}

/** Which nodes it may be given, and with which score. */
function choices(state: ClusterState, pod: Pod): readonly string[] {
  const draws = Array.from({ length: 60 }, (_, index) => index / 60);
  const answers = draws.map((draw) => {
    const placement = placePod(state, pod, { profile, draw });
    return placement.placed ? `${placement.node} ${placement.score}` : 'nowhere';
  });
  return [...new Set(answers)].toSorted();
}

/** A cluster that remembers, and what is needed to make one that does not. */
class Remembered {
  readonly state = new ClusterState();
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();

  setNode(node: Node): void {
    this.#nodes.set(node.metadata.name, node);
    this.state.setNode(node);
  }

  removeNode(name: string): void {
    this.#nodes.delete(name);
    this.state.removeNode(name);
  }

  setPod(pod: Pod): void {
    this.#pods.set(pod.metadata.uid, pod);
    this.state.setPod(pod);
  }

  removePod(pod: Pod): void {
    this.#pods.delete(pod.metadata.uid);
    this.state.removePod(pod.metadata.uid);
  }

  agrees(): void {
    const fresh = new ClusterState();
    for (const node of this.#nodes.values()) fresh.setNode(node);
    for (const pod of this.#pods.values()) fresh.setPod(pod);
    for (const app of APPS) assert.deepEqual(choices(this.state, podOf(app)), choices(fresh, podOf(app)), app);
  }
}

const NODES = 9;

function remembered(nodes: number): Remembered {
  const cluster = new Remembered();
  for (let index = 0; index < nodes; index++) cluster.setNode(nodeNumbered(index));
  return cluster;
}

const app = fc.constantFrom(...APPS);
const number = fc.nat(NODES - 1);
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ pod: fc.tuple(app, number, fc.nat(20)) }) },
  { weight: 2, arbitrary: fc.record({ gone: fc.tuple(app, number, fc.nat(20)) }) },
  { weight: 1, arbitrary: fc.record({ node: number, change: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ lost: number }) },
);

test('[PLG22] workloads tried in turn are each given what a fresh look would give', () => {
  const rounds = fc.array(fc.array(happening, { maxLength: 8 }), { maxLength: 6 });
  fc.assert(
    fc.property(rounds, (all) => {
      const cluster = remembered(NODES);
      for (const round of all) {
        for (const each of round) {
          if ('pod' in each) cluster.setPod(podOf(each.pod[0], `node-${each.pod[1]}`, each.pod.join('-')));
          else if ('gone' in each) cluster.removePod(podOf(each.gone[0], undefined, each.gone.join('-')));
          else if ('node' in each) cluster.setNode(nodeNumbered(each.node, each.change));
          else cluster.removeNode(`node-${each.lost}`);
        }
        cluster.agrees();
      }
    }),
    { numRuns: 60 },
  );
});

test('[PLG22] more changes than are logged are not missed', () => {
  const { state } = remembered(600);
  const podAt = (index: number, name = `db-${index}`): Pod => podOf('db', `node-${index}`, name);
  for (let index = 0; index < 600; index++) state.setPod(podAt(index));
  assert.ok(placePod(state, podOf('db'), { profile, draw: 0 }).placed);
  for (const index of [0, 3, 6]) {
    state.removePod(podAt(index).metadata.uid);
    // As full as all others.
    state.setPod(podOf('web', `node-${index}`, `web-${index}`));
  }
  for (let round = 0; round < 135; round++) {
    state.setPod(podAt(1, 'passing'));
    state.removePod(podAt(1, 'passing').metadata.uid);
  }
  const zones = choices(state, podOf('db')).map((choice) => Number(/\d+/.exec(choice)?.[0]) % 3);
  assert.deepEqual(new Set(zones), new Set([0]));
});
