import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import { anAgent } from '#test/builders/agent';
import { aCluster } from '#test/builders/cluster';
import { createHollowRuntime } from '../runtime/hollow/hollow-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';

test('[NOD166] a pod whose steps succeed and change nothing is not worked on without a pause', async () => {
  await using cluster = await aCluster({ namespaces: ['default', 'kube-node-lease'] });
  const made: SandboxConfig[] = [];
  const runtime: Runtime = {
    ...createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' }),
    // Each sandbox is there at once, and never ready.
    runPodSandbox: async (config) => {
      if (made.push(config) > 5_000) throw new TypeError('without a pause'); // or the test would never end
      return `sandbox-${made.length - 1}`;
    },
    podSandboxStatus: async (id) => {
      const { metadata, labels, annotations } = made[Number(id.slice('sandbox-'.length))]!;
      return { id, metadata, labels, annotations, state: 'NotReady', createdAtMs: cluster.world.clock.now(), ips: [] };
    },
  };
  await anAgent(cluster, { runtime });
  await cluster.client.create(Pod, {
    metadata: { namespace: 'default', name: 'web-1' },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx:1' }] },
  });
  await cluster.world.advance(10_000);
  assert.ok(made.length > 1 && made.length < 100, `${made.length} sandboxes in ten seconds`);
});
