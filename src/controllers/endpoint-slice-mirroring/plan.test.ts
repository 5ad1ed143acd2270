import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, EndpointSubset } from '#api/types/core-v1';
import type { EndpointSlice } from '#api/types/discovery-v1';
import { aService } from '#test/builders/backends';
import { aMeta } from '#test/builders/workloads';
import { isMirrored, planMirror } from './plan.ts';

const PORTS = [{ name: 'http', port: 80, protocol: 'TCP' }];
const anEndpoints = (subsets: readonly EndpointSubset[], meta: Partial<Endpoints['metadata']> = {}): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: aMeta('web', meta),
  subsets,
});
const saved = (endpoints: Endpoints): readonly EndpointSlice[] =>
  planMirror(endpoints, []).create.map((slice, index) => ({
    ...slice,
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...aMeta(`web-${index}`), ...slice.metadata, name: `web-${index}` },
  }));

test('[CTL40] a set of ports is a slice a family, with what is ready and what is not, labels and annotations', () => {
  const endpoints = anEndpoints(
    [
      {
        addresses: [{ ip: '198.18.0.1', hostname: 'a', nodeName: 'n1' }, { ip: '2001:db8::1' }],
        notReadyAddresses: [{ ip: '198.18.0.2' }],
        ports: PORTS,
      },
      { addresses: [{ ip: '198.18.0.3' }], ports: [{ port: 81 }] },
    ],
    { labels: { tier: 'front' }, annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
  );
  const { create } = planMirror(endpoints, []);
  assert.deepEqual(
    create.map(({ addressType, ports, endpoints: each }) => [addressType, ports, each]),
    [
      [
        'IPv4',
        PORTS,
        [
          { addresses: ['198.18.0.1'], conditions: { ready: true }, hostname: 'a', nodeName: 'n1' },
          { addresses: ['198.18.0.2'], conditions: { ready: false } },
        ],
      ],
      ['IPv6', PORTS, [{ addresses: ['2001:db8::1'], conditions: { ready: true } }]],
      ['IPv4', [{ name: '', port: 81, protocol: 'TCP' }], [{ addresses: ['198.18.0.3'], conditions: { ready: true } }]],
    ],
  );
  const { labels, annotations, ownerReferences } = create[0]?.metadata ?? {};
  assert.deepEqual(labels, {
    tier: 'front',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  });
  assert.deepEqual([annotations, ownerReferences?.[0]?.kind], [{ note: 'x' }, 'Endpoints']);
});

test('[CTL41] slices that say what they should are left alone, others are changed, and what is said no longer goes', () => {
  const before = anEndpoints([{ addresses: [{ ip: '198.18.0.1' }], ports: PORTS }]);
  const slices = saved(before);
  assert.deepEqual(planMirror(before, slices), { create: [], update: [], remove: [] });
  const moved = planMirror(anEndpoints([{ addresses: [{ ip: '198.18.0.9' }], ports: PORTS }]), slices);
  assert.deepEqual([moved.create, moved.remove], [[], []]);
  assert.deepEqual(moved.update[0]?.endpoints, [{ addresses: ['198.18.0.9'], conditions: { ready: true } }]);
  assert.deepEqual(planMirror(anEndpoints([]), slices), { create: [], update: [], remove: slices });
});

test('[CTL42] Endpoints of a service with a selector, of no service, and those that say so are not mirrored', () => {
  const own = aService({ spec: { selector: {} } });
  assert.equal(isMirrored(anEndpoints([]), own), true);
  assert.equal(isMirrored(anEndpoints([]), undefined), false);
  assert.equal(isMirrored(anEndpoints([]), aService()), false);
  const skipped = anEndpoints([], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } });
  const leading = anEndpoints([], { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } });
  assert.deepEqual([isMirrored(skipped, own), isMirrored(leading, own)], [false, false]);
});
