import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/core/pod';
import { aBoundPod } from '#test/builders/pod-on-node';
import { planAdmission } from './plan-admission.ts';
import { Room } from './room.ts';

const ALLOCATABLE = { cpu: '2', memory: '1Gi', pods: '3' };
const asking = (cpu: string, changes: object = {}): Pod =>
  aBoundPod({ spec: { containers: [{ name: 'web', resources: { requests: { cpu } } }], ...changes } });
const admit = (pod: Pod, others: readonly Pod[]) => {
  const taken = new Room();
  for (const other of others) taken.enter(other);
  return planAdmission({ pod, taken, allocatable: ALLOCATABLE });
};

test('[NOD30] a pod that the node has no room for is refused, with what it lacks', () => {
  assert.equal(admit(asking('1500m'), [asking('500m')]), undefined);
  assert.deepEqual(admit(asking('1500m'), [asking('600m')]), {
    reason: 'OutOfcpu',
    message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 600, capacity: 2000",
  });
  assert.equal(admit(asking('0'), [asking('0'), asking('0'), asking('0')])?.reason, 'OutOfpods');
});

test('[NOD30] what the agent does not know of is left to the scheduler', () => {
  const requests = { 'example.com/gpu': '1' };
  assert.equal(
    admit(aBoundPod({ spec: { containers: [{ name: 'web', resources: { requests, limits: requests } }] } }), []),
    undefined,
  );
});

test('[NOD30] a pod whose port on the node is taken is refused', () => {
  const onPort = (hostPort: number): Pod =>
    aBoundPod({ spec: { containers: [{ name: 'web', ports: [{ containerPort: 80, hostPort }] }] } });
  assert.equal(admit(onPort(8080), [onPort(8081)]), undefined);
  assert.equal(admit(onPort(8080), [onPort(8080)])?.reason, 'NodePorts');
});
