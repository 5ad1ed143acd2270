import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '#api/core/namespace';
import { Pod } from '#api/core/pod';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';
import { virtualWorld } from '#base/virtual-world';
import type { Store } from '#store/store';
import { type AdmissionPlugin, type AdmissionRequest, mutate, validate } from './admission.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { serviceAccount } from './service-account.ts';

type Account = Pick<core.ServiceAccount, 'automountServiceAccountToken' | 'imagePullSecrets'>;

/** With an account of each name that is asked for. */
function pluginsWith(account: Account | undefined): readonly AdmissionPlugin[] {
  const store = { get: () => account } as unknown as Store;
  return [namespaceLifecycle, serviceAccount({ store, world: virtualWorld() }), defaultTolerationSeconds];
}

const PLUGINS = pluginsWith({ automountServiceAccountToken: false });

function aRequest(definition: unknown, object: object, operation: AdmissionRequest['operation']): AdmissionRequest {
  const user = { name: 'bob', groups: [] };
  return { operation, definition: definition as ResourceDefinition, object: object as ApiObject, user, dryRun: false };
}

const admit = async (spec: object, plugins = PLUGINS): Promise<core.PodSpec> => {
  const metadata = { name: 'web', namespace: 'default' };
  const pod = { metadata, spec: { containers: [], ...spec } };
  return (
    (await mutate(plugins, aRequest(Pod, Object.isFrozen(spec) ? { metadata, spec } : pod, 'create'))) as core.Pod
  ).spec;
};

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
  const remove = async (name: string) => await validate(PLUGINS, aRequest(Namespace, { metadata: { name } }, 'delete'));
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

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const aContainer = (name: string, ...mountPaths: readonly string[]) => ({
  name,
  image: 'nginx:1',
  volumeMounts: mountPaths.map((mountPath) => ({ name: 'own', mountPath })),
});

test('[ACC60] a pod finds a token, the authority and its namespace as files, unless it or its account says no', async () => {
  const plugins = pluginsWith({});
  const containers = [aContainer('a'), aContainer('b', MOUNT_PATH)];
  const spec = await admit({ containers, initContainers: [aContainer('i')] }, plugins);
  const [volume] = spec.volumes ?? [];
  assert.match(volume?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(volume?.projected, {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  });
  const mount = { name: volume?.name, readOnly: true, mountPath: MOUNT_PATH };
  assert.deepEqual(
    [...spec.containers, ...(spec.initContainers ?? [])].map(({ volumeMounts }) => volumeMounts),
    [[mount], [{ name: 'own', mountPath: MOUNT_PATH }], [mount]],
  );
  const mounts = async (ofPod: boolean | undefined, ofAccount: boolean | undefined): Promise<boolean> => {
    const account = ofAccount === undefined ? {} : { automountServiceAccountToken: ofAccount };
    const asked = ofPod === undefined ? {} : { automountServiceAccountToken: ofPod };
    const { volumes } = await admit({ containers, ...asked }, pluginsWith(account));
    return volumes !== undefined;
  };
  const choices = [undefined, true, false];
  const found = await Promise.all(choices.flatMap((pod) => choices.map((account) => mounts(pod, account))));
  assert.deepEqual(found, [true, true, false, true, true, true, false, false, false]);
});

test('[ACC61] a pod pulls images with the secrets of its account unless it has its own', async () => {
  const plugins = pluginsWith({ imagePullSecrets: [{ name: 'registry' }] });
  assert.deepEqual((await admit({}, plugins)).imagePullSecrets, [{ name: 'registry' }]);
  const own = [{ name: 'mine' }];
  assert.deepEqual((await admit({ imagePullSecrets: own }, plugins)).imagePullSecrets, own);
});

test('[ACC62] a pod whose account does not exist is refused; that of a new namespace is waited for', async () => {
  const world = virtualWorld();
  const accounts: Account[] = [];
  const plugins = [serviceAccount({ store: { get: () => accounts[0] } as unknown as Store, world })];
  await assert.rejects(admit({ serviceAccountName: 'robot' }, plugins), {
    reason: 'Forbidden',
    message:
      'pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
  });
  const waiting = admit({}, plugins);
  await world.advance(300);
  accounts.push({ automountServiceAccountToken: false });
  await world.advance(300);
  assert.equal((await waiting).serviceAccountName, 'default');
});
