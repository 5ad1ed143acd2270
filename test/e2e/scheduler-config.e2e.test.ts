/** A cluster whose scheduler was told how to work. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '#api/core/pod';
import { eventually, TestCluster } from './cluster.ts';

const CONFIG = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
- schedulerName: packing
  plugins:
    score:
      disabled: [{ name: '*' }]
      enabled: [{ name: NodeResourcesFit }]
  pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy: { type: MostAllocated }
`;

describe('scheduler configuration', { timeout: 120_000 }, () => {
  let cluster: TestCluster;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-scheduler-'));
    await writeFile(join(folder, 'good.yaml'), CONFIG);
    await writeFile(join(folder, 'bad.yaml'), `${CONFIG}parallelism: 0\n`);
    const upArguments = ['--runtime', 'hollow', '--hollow-nodes', '3', '--scheduler-config', join(folder, 'good.yaml')];
    cluster = await TestCluster.start({ upArguments });
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('[SCF10] pods are placed by the profile that they name, and one that nobody places waits', async () => {
    const pod = (name: string, schedulerName: string): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        schedulerName,
        containers: [{ name: 'main', image: 'nginx:1.22', resources: { requests: { cpu: '500m', memory: '512Mi' } } }],
      },
    });
    const get = (name: string): Promise<Pod> => cluster.json<Pod>('get', 'pod', name);
    await cluster.apply(pod('nobody', 'unknown'));
    const names = ['p1', 'p2', 'p3'];
    const nodes = new Set<string | undefined>();
    for (const name of names) {
      await cluster.apply(pod(name, 'packing'));
      nodes.add(await eventually(async () => (await get(name)).spec.nodeName, `${name} to be placed`));
    }
    assert.deepEqual([nodes.size, (await get('nobody')).spec.nodeName], [1, undefined]);
  });

  test('[SCF11] a configuration that cannot be used is refused with its field, and the cluster runs on', async () => {
    await assert.rejects(
      cluster.tutti('up', '--no-demo', '--scheduler-config', join(folder, 'bad.yaml')),
      /parallelism: Invalid value: 0: should be an integer value greater than zero/,
    );
    await cluster.kubectl('get', 'nodes');
  });
});
