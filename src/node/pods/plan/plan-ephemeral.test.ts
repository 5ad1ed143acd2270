import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/types/core-v1';
import { aBoundPod, PodOnNode } from '#test/builders/pod-on-node';

const starts = ({ trace }: PodOnNode): readonly string[] => trace.filter((each) => each.startsWith('StartContainer'));

function visited(node: PodOnNode, spec: Partial<PodSpec> = {}): PodOnNode {
  const ephemeralContainers = [{ name: 'debugger', image: 'busybox' }];
  node.pod = { ...node.pod, spec: { ...node.pod.spec, ...spec, ephemeralContainers } };
  return node;
}

test('[SUB3] an ephemeral container is started once and leaves its pod as it is', () => {
  const node = new PodOnNode();
  const before = node.settle().status;
  const { status } = visited(node).settle();
  assert.deepEqual(starts(node), ['StartContainer web', 'StartContainer debugger']);
  const [visitor] = status.ephemeralContainerStatuses ?? [];
  assert.deepEqual([visitor?.ready, visitor?.started, 'running' in (visitor?.state ?? {})], [false, undefined, true]);
  assert.deepEqual([status.phase, status.conditions], [before.phase, before.conditions]);
  node.exit('debugger', 3);
  const after = node.settle().status;
  assert.equal(after.ephemeralContainerStatuses?.[0]?.state?.terminated?.exitCode, 3);
  assert.deepEqual([after.phase, after.conditions], [before.phase, before.conditions]);
  assert.equal(starts(node).length, 2);
});

test('[SUB3] an ephemeral container starts beside init containers that fail', () => {
  const node = new PodOnNode(aBoundPod({ spec: { initContainers: [{ name: 'init', image: 'i' }] } }));
  node.settle();
  node.exit('init', 1);
  visited(node).settle();
  assert.ok(starts(node).includes('StartContainer debugger'));
  assert.equal(node.plan().status.phase, 'Pending');
});

test('[SUB3] an ephemeral container that went with its sandbox or its records is not started again', () => {
  const node = visited(new PodOnNode());
  node.settle();
  node.killSandbox();
  node.settle();
  node.containers = node.containers.filter(({ name }) => name !== 'debugger');
  const { status } = node.settle();
  assert.equal(starts(node).filter((each) => each.endsWith('debugger')).length, 1);
  const reason = status.ephemeralContainerStatuses?.[0]?.state?.terminated?.reason;
  assert.ok(reason !== undefined);
});
