/** What a new cluster is given where its user leaves it open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from '#cli/exit';
import { decideSettings } from './decide-settings.ts';

const RANGES = { podCidr: '198.18.0.0/20', serviceCidr: '198.19.0.0/20' };

test('[CLI32] a hollow cluster has one node, many addresses, and is asked only from this machine', async () => {
  const { id, nodeName, serviceCidr, ...settings } = await decideSettings({ runtime: 'hollow' });
  assert.match(id, /^[0-9a-f]{8}$/);
  assert.equal(nodeName, nodeName.toLowerCase());
  assert.match(serviceCidr, /^198\.19\.\d+\.0\/20$/);
  assert.deepEqual(settings, {
    listen: '0.0.0.0:6443',
    podCidr: '100.64.0.0/10',
    runtime: 'hollow',
    hollowNodes: 1,
    store: 'sqlite',
    nodeIp: '127.0.0.1',
  });
});

test('[CLI32] what is asked for is kept', async () => {
  const asked = {
    listen: '127.0.0.1:7443',
    ...RANGES,
    runtime: 'cri',
    hollowNodes: 3,
    store: 'memory',
    nodeName: 'one',
    nodeIp: '198.19.250.1',
  } as const;
  const { id: _, ...settings } = await decideSettings(asked);
  assert.deepEqual(settings, asked);
});

test('[CLI32] no two clusters have one id', async () => {
  const [first, second] = await Promise.all([decideSettings(RANGES), decideSettings(RANGES)]);
  assert.notEqual(first.id, second.id);
});

test('[CLI33] a cluster without nodes, or with more than its range has room for, is refused', async () => {
  await assert.rejects(
    decideSettings({ runtime: 'hollow', hollowNodes: 0 }),
    new CommandError(2, 'Cannot start a cluster without nodes: give --hollow-nodes 1 or more'),
  );
  await assert.rejects(
    decideSettings({ ...RANGES, hollowNodes: 16, nodeIp: '198.19.250.1' }),
    (error: CommandError) => {
      assert.equal(error.exitCode, 2);
      assert.equal(error.message, '--pod-cidr 198.18.0.0/20 is too small for 17 nodes: each takes a /24');
      return true;
    },
  );
});
