import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { virtualWorld } from '#base/virtual-world';
import { systemWorld } from '#base/world';
import type { SimulationRequest } from '#cli/composition';
import { listPrefix, objectKey } from '#apiserver/registry/keys';
import type { Report } from '#simulate/report';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import { openStore } from '#store/mvcc-store';
import { readCluster } from './read-cluster.ts';
import { simulate } from './simulate.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/scenarios/', import.meta.url));
const CLUSTER = join(EXAMPLES, 'cluster');

async function run(scenario: string, parts: Partial<SimulationRequest> = {}): Promise<Report> {
  return JSON.parse((await ran(scenario, parts)).json) as Report;
}

function ran(scenario: string, parts: Partial<SimulationRequest> = {}): ReturnType<typeof simulate> {
  const quiet = { onStep: () => undefined, onDetail: () => undefined, signal: new AbortController().signal };
  const path = scenario.includes('/') ? scenario : join(EXAMPLES, `${scenario}.yaml`);
  return simulate({ scenario: path, from: CLUSTER, seed: 1, ...quiet, ...parts }, systemWorld());
}

const troubled = ({ workloads }: Report): readonly string[] =>
  workloads.filter(({ degradedSeconds }) => degradedSeconds > 60).map(({ workload }) => workload);

test('[SIM12] a drain keeps budgets and moves what was on the nodes; the same seed gives the same report', async () => {
  const details: string[] = [];
  const first = await ran('drain', { onDetail: (text) => details.push(text) });
  const second = await ran('drain');
  assert.deepEqual(first, second);
  const report = JSON.parse(first.json) as Report;
  assert.deepEqual(
    [report.scenario, report.seed, report.simulatedSeconds, report.pending.atEnd, troubled(report)],
    ['drain', 1, 900, [], []],
  );
  assert.ok(report.moves > 0);
  assert.ok(report.budgets.length === 2 && report.budgets.every(({ violations }) => violations === 0));
  assert.ok(report.actions.every(({ outcome }) => /^(empty after \d+ s|done)$/.test(outcome)));
  assert.ok(first.text.startsWith('Scenario drain, seed 1: 15m simulated\n'));
  assert.deepEqual([details[0], details.at(-1)], ['0 %', '100 %']);
});

test('[SIM13] an outage is told as time in which workloads lack pods and budgets are not kept', async () => {
  const report = await run('zone-outage');
  assert.deepEqual(troubled(report), ['Deployment shop/web', 'StatefulSet shop/db']);
  const web = report.budgets.find(({ budget }) => budget === 'shop/web');
  assert.deepEqual([web?.violations, web?.needed], [1, 7]);
  assert.ok(web !== undefined && web.leastHealthy < 7 && web.violatedSeconds > 60);
  assert.deepEqual([report.utilisation.before.readyNodes, report.utilisation.after.readyNodes], [6, 6]);
});

test('[SIM14] traffic is what the autoscaler scales by', async () => {
  const report = await run('traffic');
  const web = report.workloads.find(({ workload }) => workload === 'Deployment shop/web');
  assert.deepEqual([web?.wanted, web?.readyAtEnd, report.utilisation.after.nodes], [20, 20, 10]);
});

test('[SIM15] pods that find no room are told with what the scheduler says', async () => {
  const report = await run('smaller-cluster');
  assert.equal(report.utilisation.after.nodes, 4);
  assert.equal(report.pending.atEnd.length, report.pending.most);
  const [pod] = report.pending.atEnd;
  assert.equal(pod?.workload, 'Deployment shop/web');
  assert.match(pod.why, /^0\/4 nodes are available: 4 Insufficient cpu\./);
});

test('[SIM26] what a scenario asks of nodes, workloads and containers that are not there is told as what came of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-missing-'));
  try {
    const scenario = join(folder, 'scenario.yaml');
    const workload = { kind: 'Deployment', namespace: 'shop', name: 'web' };
    const [absent, capacity] = [
      { ...workload, name: 'none' },
      { cpu: 1, memory: '1Gi' },
    ];
    const actions = [
      { outage: { nodes: ['node-9'], for: '10s' } },
      { drain: { nodes: ['node-1', 'node-9'] } },
      { uncordon: { zone: 'nowhere' } },
      { upgradeNodes: { selector: 'none=such' } },
      { traffic: { workload: absent, cpu: 1 } },
      { scale: { workload: absent, replicas: 1 } },
      { rollout: { workload, container: 'none', image: 'web:2' } },
      { addNodes: { count: 2, namePrefix: 'node', capacity } },
    ];
    const metadata = { name: 'missing' };
    const spec = { duration: '5m', warmUp: '30s', actions };
    await writeFile(
      scenario,
      JSON.stringify({ apiVersion: 'simulate.tutti.io/v1alpha1', kind: 'Scenario', metadata, spec }),
    );
    const told = (await run(scenario)).actions.map(({ outcome }) => outcome.replace(/\d+ s/, '… s'));
    assert.deepEqual(told, [
      'there is no node-9',
      'node-1: empty after … s; node-9: there is no node-9',
      'no node fits',
      'no node fits',
      'there is no Deployment shop/none',
      'there is no Deployment shop/none',
      'there is no container none in Deployment shop/web',
      'there is a node-1 already',
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('[SIM16] new versions and machines are rolled out one by one', async () => {
  const report = await run('upgrade');
  assert.deepEqual(
    report.actions.map(({ outcome }) => outcome),
    ['done', 'done', '3 of 3 upgraded'],
  );
  assert.deepEqual(
    [report.pending.atEnd, report.workloads.map(({ readyAtEnd, wanted }) => wanted - readyAtEnd)],
    [[], [0, 0, 0]],
  );
});

test('[SIM17] a cluster is copied from its database as it stands, and the database stays as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-copy-'));
  try {
    const path = join(folder, 'store.db');
    const store = await openStore({ engine: sqliteEngine({ path }), world: virtualWorld() });
    const metadata = { name: 'shop', uid: 'u', resourceVersion: '', creationTimestamp: '2026-02-03T04:05:06Z' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata, spec: { finalizers: ['kubernetes'] } };
    await store.write((tx) => tx.put(objectKey(Namespace, metadata), namespace));
    await store.write((tx) => tx.put('/example.com/things/shop/a', { ...namespace, kind: 'Thing' }));
    await store[Symbol.asyncDispose]();
    const { signal } = new AbortController();
    const fromDirectory = await readCluster(folder, systemWorld(), signal);
    await cp(path, join(folder, 'backup'));
    const fromBackup = await readCluster(join(folder, 'backup'), systemWorld(), signal);
    assert.deepEqual(fromDirectory, fromBackup);
    assert.deepEqual(
      fromBackup.stored.map(
        ([
          key,
          {
            metadata: { name, uid },
          },
        ]) => [key, name, uid],
      ),
      [[`${listPrefix(Namespace, undefined)}shop`, 'shop', 'u']],
    );
    const report = await run('drain', { from: folder });
    assert.deepEqual(
      report.actions.map(({ outcome }) => outcome),
      ['there is no node-1', 'there is no node-1', 'there is no node-2'],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('[SIM18] what cannot be simulated is refused with its reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-refused-'));
  try {
    const scenario = join(folder, 'scenario.yaml');
    await writeFile(
      scenario,
      'apiVersion: simulate.tutti.io/v1alpha1\nkind: Scenario\nmetadata: {name: a}\nspec: {}\n',
    );
    await assert.rejects(run(scenario), {
      exitCode: 2,
      message: `Cannot use scenario ${scenario}:\n  spec.duration: Required value`,
    });
    await assert.rejects(
      run(join(folder, 'none.yaml')),
      /^CommandError: Cannot read scenario .*none\.yaml: there is no such file$/,
    );
    await assert.rejects(run('drain', { from: join(folder, 'none') }), /there is no such file or directory/);
    await rm(scenario);
    await assert.rejects(run('drain', { from: folder }), /there is neither store\.db nor a manifest in it/);
    const refused = { apiVersion: ConfigMap.apiVersion, kind: ConfigMap.kind, metadata: { name: 'A' } };
    await writeFile(join(folder, 'a.json'), JSON.stringify(refused));
    await assert.rejects(run('drain', { from: folder }), /^CommandError: Cannot simulate ConfigMap "A": /);
    await writeFile(join(folder, 'a.json'), JSON.stringify({ ...refused, kind: 'Thing' }));
    await assert.rejects(run('drain', { from: folder }), /Cannot simulate v1 Thing: no such kind/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
