import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/core/pod';
import { aBoundPod } from '#test/builders/pod-on-node';
import { Room, type Taken } from './room.ts';

const asking = (cpu: string, hostPort: number): Pod =>
  aBoundPod({
    spec: { containers: [{ name: 'web', resources: { requests: { cpu } }, ports: [{ containerPort: 80, hostPort }] }] },
  });

test('[NOD30] what a pod takes of its node is given back when it leaves', () => {
  const [small, large] = [asking('500m', 8080), asking('2', 8080)];
  const room = new Room();
  const taken = (of: Taken) => [of.pods, of.of('cpu'), of.hasPort('/TCP/8080')];
  room.enter(small);
  room.enter(large);
  assert.deepEqual(taken(room), [2, 2500, true]);
  assert.deepEqual(taken(room.without(large)), [1, 500, true]);
  room.leave(small);
  assert.deepEqual(taken(room), [1, 2000, true]);
  assert.deepEqual(taken(room.without(large)), [0, 0, false]);
  room.leave(large);
  assert.deepEqual(taken(room), [0, 0, false]);
});
