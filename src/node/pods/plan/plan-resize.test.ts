import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerResizePolicy, ResourceRequirements } from '#api/types/core-v1';
import { aBoundPod, PodOnNode } from '#test/builders/pod-on-node';
import { wantedAllocation } from './allocation.ts';

const asks = (cpu: string): ResourceRequirements => ({ requests: { cpu }, limits: { cpu } });

function aPodThatRuns(resizePolicy: readonly ContainerResizePolicy[] = []): PodOnNode {
  const containers = [{ name: 'web', image: 'nginx:1', resources: asks('1'), resizePolicy }];
  const node = new PodOnNode(aBoundPod({ spec: { containers } }));
  node.settle();
  node.trace.length = 0;
  return node;
}

function resize(node: PodOnNode, cpu: string): void {
  node.memory = { ...node.memory, allocated: node.memory.allocated ?? wantedAllocation(node.pod) };
  const containers = node.pod.spec.containers.map((each) => ({ ...each, resources: asks(cpu) }));
  node.pod = { ...node.pod, spec: { ...node.pod.spec, containers } };
}

test('[SUB12] a resize is decided, given room, applied and completed, in this order', () => {
  const node = aPodThatRuns();
  resize(node, '2');
  const steps: string[] = [];
  for (let plan = node.plan(); plan.actions.length > 0; plan = node.plan()) {
    for (const action of plan.actions) {
      steps.push(action.type === 'ResizePod' ? action.step : action.type);
      node.apply(action);
    }
  }
  assert.deepEqual(steps, ['Allocate', 'MakeRoom', 'Apply', 'Complete']);
  const [status] = node.plan().status.containerStatuses ?? [];
  assert.deepEqual([status?.resources, status?.allocatedResources], [asks('2'), { cpu: '2' }]);
});

test('[SUB12] the same amounts in other words are no resize', () => {
  const node = aPodThatRuns();
  resize(node, '1000m');
  assert.deepEqual(node.plan().actions, []);
});

test('[SUB14] a container whose policy says so is stopped, and comes back with what it was given', () => {
  const node = aPodThatRuns([{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]);
  resize(node, '2');
  const { status } = node.settle();
  assert.ok(node.trace.includes('StopContainer web') && node.trace.includes('StartContainer web'));
  assert.deepEqual(
    [status.containerStatuses?.[0]?.restartCount, status.containerStatuses?.[0]?.resources],
    [1, asks('2')],
  );
});

test('[SUB13] what is asked for and not given changes nothing of the container', () => {
  const node = aPodThatRuns();
  resize(node, '2');
  const generation = node.pod.metadata.generation ?? 0;
  const resizePending = { reason: 'Infeasible', message: 'no', generation } as const;
  node.memory = { ...node.memory, resizePending };
  const { actions, status } = node.plan();
  assert.deepEqual([actions, status.containerStatuses?.[0]?.resources], [[], asks('1')]);
  const condition = status.conditions?.find(({ type }) => type === 'PodResizePending');
  assert.deepEqual([condition?.status, condition?.reason, condition?.message], ['True', 'Infeasible', 'no']);
});
