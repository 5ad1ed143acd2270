import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerReference } from '#api/meta/owner-reference';
import type { PodStatus } from '#api/types/core-v1';
import { aPod, aReplicaSet } from '#test/builders/workloads';
import { whyUnavailable } from './why-unavailable.ts';

const set = aReplicaSet();
const ownerReferences = [controllerReference(set, { apiVersion: 'apps/v1', kind: 'ReplicaSet' })];

function told(...statuses: readonly PodStatus[]): string | undefined {
  const pods = statuses.map((status, index) => aPod({ name: `web-${index}`, meta: { ownerReferences }, status }));
  return whyUnavailable(set, [...pods, aPod({ name: 'of-another' })]);
}

function container(state: object, rest: object = {}): PodStatus {
  const status = { name: 'web', ready: false, restartCount: 0, image: 'web:2', imageID: '', state, ...rest };
  return { phase: 'Pending', containerStatuses: [status] };
}

test('[CTL89] what keeps most pods from being available is told in one line', () => {
  const pulling = container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "web:2"' } });
  const crashing = container(
    { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
    { lastState: { terminated: { exitCode: 3 } } },
  );
  const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' };
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  assert.deepEqual(
    [
      told(pulling, ready, pulling),
      told(crashing),
      told({ phase: 'Pending', conditions: [scheduled] }),
      told(container({ running: {} })),
      told(container({ terminated: { exitCode: 1 } })),
      told(container({ waiting: { reason: 'ContainerCreating' } })),
      told({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
      told(ready),
    ],
    [
      '2 of 3 pods: container "web": ImagePullBackOff (Back-off pulling image "web:2")',
      '1 of 1 pods: container "web": CrashLoopBackOff (exited with code 3)',
      '1 of 1 pods: Unschedulable (0/1 nodes)',
      '1 of 1 pods: container "web" runs and is not ready',
      '1 of 1 pods: container "web": exited with code 1',
      '1 of 1 pods: Pending and not ready',
      '1 of 1 pods: Evicted (low on memory)',
      undefined,
    ],
  );
});

test('[CTL89] a set that may make no pods tells why, and what is long is cut', () => {
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' };
  const failed = (message: string): string | undefined =>
    whyUnavailable(aReplicaSet({ status: { conditions: [{ ...failure, message }] } }), []);
  assert.equal(failed('exceeded quota: few'), 'exceeded quota: few');
  assert.equal(failed('x'.repeat(1000))?.length, 400);
});
