import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Namespace } from '#api/types/core-v1';
import { aMeta, CREATED } from '#test/builders/workloads';
import { isFinalized, planTerminatingStatus, withoutFinalizer } from './plan.ts';

const nowMs = Date.parse(CREATED);
const aNamespace = (): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: aMeta('shop'),
  spec: { finalizers: ['kubernetes', 'example.com/keep'] },
});

test('[CTL72] a namespace that is being emptied says what is left in it and which finalizers hold it', () => {
  const remains = [{ resource: 'pods.', count: 2, finalizers: new Map([['example.com/keep', 1]]) }];
  const told = planTerminatingStatus(aNamespace(), { remains, failures: ['no rights'], nowMs });
  assert.equal(told.status?.phase, 'Terminating');
  assert.deepEqual(
    told.status.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
    [
      ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
      [
        'NamespaceDeletionGroupVersionParsingFailure',
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ],
      [
        'NamespaceDeletionContentFailure',
        'True',
        'ContentDeletionFailed',
        'Failed to delete all resource types, 1 remaining: no rights',
      ],
      [
        'NamespaceContentRemaining',
        'True',
        'SomeResourcesRemain',
        'Some resources are remaining: pods. has 2 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'True',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances',
      ],
    ],
  );
  assert.equal(planTerminatingStatus(told, { remains, failures: ['no rights'], nowMs: nowMs + 1000 }), told);
});

test('[CTL73] an empty namespace gives up its own finalizer and no other', () => {
  const finalized = withoutFinalizer(aNamespace());
  assert.deepEqual(
    [isFinalized(aNamespace()), isFinalized(finalized), finalized.spec.finalizers],
    [false, true, ['example.com/keep']],
  );
});
