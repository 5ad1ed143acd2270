import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '#api/core/namespace';
import { Pod } from '#api/core/pod';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';
import { type AdmissionRequest, mutate, validate } from './admission.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { serviceAccount } from './service-account.ts';

const PLUGINS = [namespaceLifecycle, serviceAccount, defaultTolerationSeconds];

function aRequest(definition: unknown, object: object, operation: AdmissionRequest['operation']): AdmissionRequest {
  const user = { name: 'bob', groups: [] };
  return { operation, definition: definition as ResourceDefinition, object: object as ApiObject, user, dryRun: false };
}

const admit = async (spec: object): Promise<core.PodSpec> =>
  ((await mutate(PLUGINS, aRequest(Pod, { metadata: { name: 'web' }, spec }, 'create'))) as core.Pod)
    .spec as core.PodSpec;

test('[ADM1] a pod without a service account runs as default, one that names it keeps it', async () => {
  const { serviceAccountName, serviceAccount: former } = await admit({});
  assert.deepEqual([serviceAccountName, former], ['default', 'default']);
  assert.equal((await admit({ serviceAccountName: 'robot' })).serviceAccountName, 'robot');
  assert.equal((await admit({ serviceAccount: 'robot' })).serviceAccountName, 'robot');
});

test('[ADM2] a pod tolerates a node that is not ready or unreachable for 300 seconds unless it says otherwise', async () => {
  const toleration = (key: string, tolerationSeconds = 300) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  });
  const [notReady, unreachable] = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
  assert.deepEqual((await admit({})).tolerations, [toleration(notReady), toleration(unreachable)]);
  const own = toleration(notReady, 5);
  assert.deepEqual((await admit({ tolerations: [own] })).tolerations, [own, toleration(unreachable)]);
  const everything = { operator: 'Exists' };
  assert.deepEqual((await admit({ tolerations: [everything] })).tolerations, [everything]);
});

test('[ADM3] the namespaces of the cluster itself cannot be deleted', async () => {
  const remove = (name: string) => validate(PLUGINS, aRequest(Namespace, { metadata: { name } }, 'delete'));
  await assert.rejects(remove('kube-system'), {
    reason: 'Forbidden',
    message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
  });
  await remove('team');
});

test('[ADM4] pods that share a spec share the admitted one', async () => {
  const spec = deepFreeze({ containers: [] });
  assert.equal(await admit(spec), await admit(spec));
  assert.ok(Object.isFrozen(await admit(spec)));
  const complete = await admit(spec);
  assert.equal(await admit(complete), complete);
});
