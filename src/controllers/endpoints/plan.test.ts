import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, Pod, Service } from '#api/types/core-v1';
import { aBackend, aService } from '#test/builders/backends';
import { aMeta, CREATED } from '#test/builders/workloads';
import { planEndpoints } from './plan.ts';

function subsets(service: Service, pods: readonly Pod[]): unknown {
  const plan = planEndpoints(service, pods, undefined);
  if (plan.act === 'none') return undefined;
  return plan.endpoints.subsets?.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => [
    addresses.map(({ ip }) => ip),
    notReadyAddresses.map(({ ip }) => ip),
    ports.map(({ port }) => port),
  ]);
}

test('[CTL36] addresses are grouped by the ports they share, ready and not ready apart, those of ending pods left out', () => {
  const ports = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'admin', port: 81, targetPort: 'admin' },
  ];
  const admin = { containers: [{ name: 'c', image: 'i', ports: [{ name: 'admin', containerPort: 9000 }] }] };
  const unready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
  const pods = [
    aBackend(2, { spec: admin }),
    aBackend(1),
    aBackend(3, { status: unready }),
    aBackend(4, { meta: { deletionTimestamp: CREATED } }),
  ];
  assert.deepEqual(subsets(aService({ spec: { ports } }), pods), [
    [['198.18.0.2', '198.18.0.3'], ['198.18.0.4'], [8080]],
    [['198.18.0.3'], [], [9000]],
  ]);
  const both = { containers: [{ name: 'c', image: 'i', ports: [{ name: 'admin', containerPort: 9000 }] }] };
  assert.deepEqual(subsets(aService({ spec: { ports } }), [aBackend(1, { spec: both })]), [
    [['198.18.0.2'], [], [9000, 8080]],
  ]);
});

test('[CTL37] more than 1000 addresses are cut off, ready ones kept first, and the object says so', () => {
  const unready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
  const pods = Array.from({ length: 1100 }, (_each, number) =>
    aBackend(number, number < 200 ? { status: unready } : {}),
  );
  const plan = planEndpoints(aService(), pods, undefined);
  assert.ok(plan.act === 'create');
  const [subset] = plan.endpoints.subsets ?? [];
  assert.deepEqual([subset?.addresses?.length, subset?.notReadyAddresses?.length], [900, 100]);
  assert.deepEqual(plan.endpoints.metadata.annotations, { 'endpoints.kubernetes.io/over-capacity': 'truncated' });
});

test('[CTL38] endpoints that are as they should be are not written again', () => {
  const [service, pods] = [aService(), [aBackend(1), aBackend(2)]];
  const plan = planEndpoints(service, pods, undefined);
  assert.ok(plan.act === 'create');
  const metadata = { ...aMeta('web'), labels: plan.endpoints.metadata.labels ?? {} };
  const existing: Endpoints = { ...plan.endpoints, apiVersion: 'v1', kind: 'Endpoints', metadata };
  assert.deepEqual(planEndpoints(service, pods.toReversed(), existing), { act: 'none' });
  assert.equal(planEndpoints(service, [aBackend(1)], existing).act, 'update');
});
