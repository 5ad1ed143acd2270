import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aGuardedApi, aNodeUser, type GuardedApi } from '#test/builders/access';

const user = aNodeUser('n1');

async function anApi(): Promise<GuardedApi> {
  const api = await aGuardedApi();
  const account = { metadata: { name: 'default' } };
  await api.ask({ verb: 'create', plural: 'serviceaccounts', namespace: 'default', body: account });
  for (const [name, nodeName] of [
    ['mine', 'n1'],
    ['other', 'n2'],
  ] as const) {
    const spec = { nodeName, automountServiceAccountToken: false, containers: [{ name: 'main', image: 'nginx:1' }] };
    await api.ask({ verb: 'create', plural: 'pods', namespace: 'default', body: { metadata: { name }, spec } });
  }
  return api;
}

const refused = (text: string) => (error: Error) => error.message.endsWith(`is forbidden: ${text}`);

test('[ACC10] a node reports on, evicts and removes only pods that are bound to it', async () => {
  await using api = await anApi();
  const pod = { plural: 'pods', namespace: 'default', user } as const;
  const status = { status: { phase: 'Running' } };
  const report = (name: string) => {
    const path = { ...pod, verb: 'update', subresource: 'status', name } as const;
    return api.ask({ ...path, body: { ...status, metadata: { name } } });
  };
  await report('mine');
  await assert.rejects(
    report('other'),
    refused('node "n1" can only update pod status for pods with spec.nodeName set to itself'),
  );
  const remove = { ...pod, verb: 'delete', options: { gracePeriodSeconds: 0 } } as const;
  await api.ask({ ...remove, name: 'mine' });
  await assert.rejects(
    api.ask({ ...remove, name: 'other' }),
    refused('node "n1" can only delete pods with spec.nodeName set to itself'),
  );
  const body = {
    metadata: { name: 'new' },
    spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx:1' }] },
  };
  await assert.rejects(
    api.ask({ ...pod, verb: 'create', body }),
    refused('pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods'),
  );
});

test('[ACC11] a node makes and changes itself only, and gives itself neither taints nor labels that keep workloads apart', async () => {
  await using api = await anApi();
  const node = { plural: 'nodes', user } as const;
  const named = (name: string, labels: object = {}) => ({ metadata: { name, labels }, spec: {} });
  await assert.rejects(
    api.ask({ ...node, verb: 'create', body: named('n2') }),
    refused('node "n1" is not allowed to modify node "n2"'),
  );
  const forbidden = { 'node-restriction.kubernetes.io/a': 'b', 'node-role.kubernetes.io/master': '' };
  await assert.rejects(
    api.ask({ ...node, verb: 'create', body: named('n1', forbidden) }),
    refused('is not allowed to modify labels: node-restriction.kubernetes.io/a, node-role.kubernetes.io/master'),
  );
  await api.ask({ ...node, verb: 'create', body: named('n1', { 'kubernetes.io/hostname': 'n1', disk: 'ssd' }) });
  const tainted = {
    ...named('n1', { 'kubernetes.io/hostname': 'n1' }),
    spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
  };
  await assert.rejects(
    api.ask({ ...node, verb: 'update', name: 'n1', body: tainted }),
    refused('node "n1" is not allowed to modify taints'),
  );
});

test('[ACC12] a node holds the lease of its name only', async () => {
  await using api = await anApi();
  const lease = {
    group: 'coordination.k8s.io',
    plural: 'leases',
    namespace: 'kube-node-lease',
    verb: 'create',
    user,
  } as const;
  await api.ask({ ...lease, body: { metadata: { name: 'n1' }, spec: {} } });
  await assert.rejects(
    api.ask({ ...lease, body: { metadata: { name: 'n2' }, spec: {} } }),
    refused('node "n1" can only access node lease with the same name as the requesting node'),
  );
});

test('[STG53] a node deletes only released volumes that were made on it', async () => {
  await using api = await anApi();
  const volume = { plural: 'persistentvolumes' } as const;
  const make = async (name: string, node: string, phase: string): Promise<void> => {
    const onNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
    const spec = {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: `/volumes/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } },
    };
    const metadata = { name, annotations: { 'pv.kubernetes.io/provisioned-by': 'tutti.dev/local' } };
    await api.ask({ ...volume, verb: 'create', body: { metadata, spec } });
    const body = { metadata, spec, status: { phase } };
    await api.ask({ ...volume, verb: 'update', subresource: 'status', name, body });
  };
  await make('mine', 'n1', 'Released');
  await make('bound', 'n1', 'Bound');
  await make('other', 'n2', 'Released');
  const remove = (name: string) => api.ask({ ...volume, verb: 'delete', name, user });
  await remove('mine');
  const why = refused('node "n1" can only delete released volumes that were made on itself');
  await assert.rejects(remove('bound'), why);
  await assert.rejects(remove('other'), why);
  await assert.rejects(api.ask({ ...volume, verb: 'create', body: { metadata: { name: 'new' }, spec: {} }, user }));
});
