import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Unsaved } from '#api/object';
import type { Pod, Service } from '#api/types/core-v1';
import type { EndpointSlice } from '#api/types/discovery-v1';
import { aNode } from '#test/builders/nodes';
import { aBackend, aService } from '#test/builders/backends';
import { aMeta, CREATED } from '#test/builders/workloads';
import { planSlices, type SlicePlan } from './plan.ts';

type World = { readonly service: Service; readonly slices: readonly EndpointSlice[] };

const node = aNode({ labels: { 'topology.kubernetes.io/zone': 'north' } });
const nodeOf = (name: string) => (name === 'node-1' ? node : undefined);

const plan = ({ service, slices }: World, pods: readonly Pod[]): SlicePlan =>
  planSlices({ service, pods, nodeOf, slices });

let serial = 0;
function saved(slice: Unsaved<EndpointSlice>): EndpointSlice {
  const metadata = { ...aMeta(`web-${++serial}`), ...slice.metadata };
  return {
    ...slice,
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, name: `web-${serial}`, uid: `slice-${serial}` },
  };
}

function applied(world: World, pods: readonly Pod[]): World {
  const { create, update, remove } = plan(world, pods);
  const kept = world.slices.filter((slice) => !remove.includes(slice));
  const updated = kept.map((slice) => update.find(({ metadata }) => metadata.uid === slice.metadata.uid) ?? slice);
  return { ...world, slices: [...updated, ...create.map(saved)] };
}

const addresses = ({ slices }: World): readonly string[] =>
  slices.flatMap(({ endpoints = [] }) => endpoints.flatMap((endpoint) => endpoint.addresses));

test('[CTL30] a slice says which service it is for, where each pod is, and whether it serves', () => {
  const { create } = plan({ service: aService({ meta: { labels: { team: 'shop' } } }), slices: [] }, [aBackend(1)]);
  assert.deepEqual(create, [
    {
      metadata: {
        generateName: 'web-',
        namespace: 'default',
        labels: {
          team: 'shop',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'Service',
            name: 'web',
            uid: 'uid-of-web',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['198.18.0.2'],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'uid-of-web-1' },
          nodeName: 'node-1',
          zone: 'north',
        },
      ],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
});

test('[CTL31] a pod that ends is terminating and not ready but may still serve; publishing unready ones makes all ready', () => {
  const conditions = (pod: Pod, spec: Partial<Service['spec']> = {}) =>
    plan({ service: aService({ spec }), slices: [] }, [pod]).create[0]?.endpoints?.[0]?.conditions;
  const ending = aBackend(1, { meta: { deletionTimestamp: CREATED } });
  const unready = aBackend(1, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } });
  assert.deepEqual(conditions(ending), { ready: false, serving: true, terminating: true });
  assert.deepEqual(conditions(unready), { ready: false, serving: false, terminating: false });
  assert.deepEqual(conditions(unready, { publishNotReadyAddresses: true }), {
    ready: true,
    serving: false,
    terminating: false,
  });
});

test('[CTL32] ended pods, pods without an address and pods without the named port have no endpoint', () => {
  const spec = { ports: [{ name: 'http', port: 80, targetPort: 'web' }] };
  const named = { containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: 8000 }] }] };
  const { create } = plan({ service: aService({ spec }), slices: [] }, [
    aBackend(1, { status: { phase: 'Succeeded' } }),
    aBackend(2, { status: { podIP: '', podIPs: [] } }),
    aBackend(3),
    aBackend(4, { spec: named }),
  ]);
  assert.deepEqual(
    create.map(({ endpoints = [], ports }) => [endpoints.length, ports]),
    [[1, [{ name: 'http', port: 8000, protocol: 'TCP' }]]],
  );
});

test('[CTL33] pods that serve a named port under different numbers are in different slices', () => {
  const spec = { ports: [{ name: 'http', port: 80, targetPort: 'web' }] };
  const at = (containerPort: number) => ({
    containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort }] }],
  });
  const { create } = plan({ service: aService({ spec }), slices: [] }, [
    aBackend(1, { spec: at(8000) }),
    aBackend(2, { spec: at(9000) }),
  ]);
  assert.deepEqual(
    create.map(({ ports }) => ports?.[0]?.port),
    [8000, 9000],
  );
});

test('[CTL34] a service without endpoints has one empty slice, and a headless one names its hosts', () => {
  const { create } = plan({ service: aService(), slices: [] }, []);
  assert.deepEqual(
    create.map(({ endpoints }) => endpoints),
    [[]],
  );
  const service = aService({ spec: { clusterIP: 'None', ports: [] } });
  const pod = aBackend(1, { spec: { hostname: 'db-0', subdomain: 'web' } });
  const headless = plan({ service, slices: [] }, [pod]).create[0];
  assert.equal(headless?.endpoints?.[0]?.hostname, 'db-0');
  assert.equal(headless.metadata.labels?.['service.kubernetes.io/headless'], '');
});

test('[CTL35] each endpoint is in exactly one slice of at most 100, nothing is written when nothing changed, and what stays does not move', () => {
  const numbers = fc.uniqueArray(fc.nat(700), { maxLength: 400 });
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 4 }), (steps) => {
      let world: World = { service: aService(), slices: [] };
      for (const step of steps) {
        const pods = step.map((number) => aBackend(number));
        const homes = new Map(
          world.slices.flatMap(({ metadata, endpoints = [] }) =>
            endpoints.map((each) => [each.addresses[0], metadata.uid] as const),
          ),
        );
        world = applied(world, pods);
        const wanted = pods.map(({ status }) => status?.podIP ?? '').toSorted();
        assert.deepEqual(addresses(world).toSorted(), wanted);
        assert.ok(world.slices.every(({ endpoints = [] }) => endpoints.length <= 100));
        for (const { metadata, endpoints = [] } of world.slices) {
          for (const each of endpoints) assert.equal(homes.get(each.addresses[0]) ?? metadata.uid, metadata.uid);
        }
        assert.deepEqual(plan(world, pods), { create: [], update: [], remove: [] });
      }
    }),
    { numRuns: 30 },
  );
});
