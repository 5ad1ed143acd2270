import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planConflist } from './conflist.ts';

test('[NET8] the plugins are told range, place and packet size, under the cluster’s own name', () => {
  const wiring = { clusterId: '0123abcd', nodePodCidr: '198.18.0.0/24', dataDir: '/var/lib/tutti', mtu: 1400 };
  const { name, content } = planConflist(wiring);
  assert.equal(name, '10-tutti-0123abcd.conflist');
  assert.deepEqual(JSON.parse(content), {
    cniVersion: '1.0.0',
    name: 'tutti-0123abcd',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        mtu: 1400,
        ipam: {
          type: 'host-local',
          dataDir: '/var/lib/tutti/cni',
          ranges: [[{ subnet: '198.18.0.0/24' }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  });
});
