import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodCondition } from '../types/core-v1.ts';
import { heldRequests } from './held-resources.ts';

const aResized = (
  condition: Partial<PodCondition> | undefined,
  has: string,
  wants: string,
): Pick<Pod, 'spec' | 'status'> => ({
  spec: { containers: [{ name: 'web', resources: { requests: { cpu: wants } } }] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      ...(condition === undefined ? [] : [{ type: 'PodResizePending', status: 'True', ...condition }]),
    ],
    containerStatuses: [
      {
        name: 'web',
        image: '',
        imageID: '',
        ready: true,
        restartCount: 0,
        allocatedResources: { cpu: has },
        resources: { requests: { cpu: has } },
      },
    ],
  },
});

test('[SUB17] a pod counts with the most of what it has and asks for, and with what it has if it cannot have more', () => {
  const cpu = (...parts: Parameters<typeof aResized>): number | undefined => heldRequests(aResized(...parts))['cpu'];
  assert.equal(cpu(undefined, '1', '1'), 1_000);
  assert.equal(cpu({ reason: 'Deferred' }, '1', '3'), 3_000);
  assert.equal(cpu({ reason: 'Infeasible' }, '1', '300'), 1_000);
  assert.equal(cpu({ type: 'PodResizeInProgress' }, '2', '1'), 2_000);
});
