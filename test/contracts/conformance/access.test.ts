import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SERVED_KINDS } from './served-kinds.ts';
import { aWire, type Json, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

const NAMESPACED = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
const REVIEWS = '/apis/authorization.k8s.io/v1';
const USER = 'system:serviceaccount:default:e2e';
const GROUP = 'system:authenticated';

const allowed = (review: Json): boolean => (review['status'] as { readonly allowed: boolean }).allowed;

test('[CFM110] reviews about a user, in the cluster and in a namespace, agree with what the user meets', async () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
  await wire.post(`${NAMESPACED}/roles`, { metadata: { name: 'lister' }, rules });
  await wire.post(`${NAMESPACED}/rolebindings`, {
    metadata: { name: 'lister' },
    subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace: 'default' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'lister' },
  });
  for (const resource of ['pods', 'secrets']) {
    const resourceAttributes = { namespace: 'default', verb: 'list', resource };
    const spec = { user: USER, groups: [GROUP], resourceAttributes };
    const inCluster = await wire.post(`${REVIEWS}/subjectaccessreviews`, { spec });
    const inNamespace = await wire.post(`${REVIEWS}/namespaces/default/localsubjectaccessreviews`, {
      metadata: { namespace: 'default' },
      spec,
    });
    const headers = { 'impersonate-user': USER, 'impersonate-group': GROUP };
    const { status } = await wire.ask(`GET /api/v1/namespaces/default/${resource}`, undefined, headers);
    const may = resource === 'pods';
    assert.deepEqual([allowed(inCluster), allowed(inNamespace), status], [may, may, may ? 200 : 403], resource);
  }
});

test('[CFM111] a pod of a runtime class that there is not, or not any more, is refused', async () => {
  const classes = '/apis/node.k8s.io/v1/runtimeclasses';
  const pod = (name: string, runtimeClassName: string): object => ({
    metadata: { name },
    spec: { runtimeClassName, containers: [{ name: 'a', image: 'a' }] },
  });
  const pods = '/api/v1/namespaces/default/pods';
  assert.match(await wire.refused(403, `POST ${pods}`, pod('a', 'nothing')), /RuntimeClass "nothing" not found/);
  await wire.post(classes, { metadata: { name: 'brief' }, handler: 'runc' });
  await wire.post(pods, pod('b', 'brief'));
  await wire.delete(`${classes}/brief`);
  assert.match(await wire.refused(403, `POST ${pods}`, pod('c', 'brief')), /RuntimeClass "brief" not found/);
});

test('[CFM112] a limit range gives defaults and keeps bounds, and a change of it counts at once', async () => {
  await wire.post('/api/v1/namespaces', { metadata: { name: 'limited' } });
  await wire.post('/api/v1/namespaces/limited/serviceaccounts', { metadata: { name: 'default' } });
  const ranges = '/api/v1/namespaces/limited/limitranges';
  const pods = '/api/v1/namespaces/limited/pods';
  const limit = (min: string): object => ({
    type: 'Container',
    min: { cpu: min, memory: '100Mi' },
    max: { cpu: '500m', memory: '500Mi' },
    default: { cpu: '500m', memory: '500Mi' },
    defaultRequest: { cpu: '100m', memory: '200Mi' },
  });
  const pod = (name: string, requests?: object): object => ({
    metadata: { name },
    spec: { containers: [{ name: 'a', image: 'a', ...(requests === undefined ? {} : { resources: { requests } }) }] },
  });
  const made = await wire.post(ranges, { metadata: { name: 'range' }, spec: { limits: [limit('50m')] } });
  const plain = await wire.post(pods, pod('plain'));
  const { containers } = plain['spec'] as { readonly containers: readonly { readonly resources: object }[] };
  assert.deepEqual(containers[0]?.resources, {
    limits: { cpu: '500m', memory: '500Mi' },
    requests: { cpu: '100m', memory: '200Mi' },
  });
  const small = { cpu: '10m', memory: '50Mi' };
  assert.match(
    await wire.refused(403, `POST ${pods}`, pod('small', small)),
    /minimum cpu usage per Container is 50m, but request is 10m/,
  );
  const large = { cpu: '600m', memory: '600Mi' };
  assert.equal((await wire.ask(`POST ${pods}`, pod('large', large))).status >= 400, true);
  const lower = { ...limit('9m'), min: { cpu: '9m', memory: '49Mi' } };
  await wire.put(`${ranges}/range`, { ...made, spec: { limits: [lower] } });
  await wire.post(pods, pod('small', small));
});

test('[CFM114] a request for a certificate is decided through approval, and gets its certificate through status', async () => {
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const { sample } = SERVED_KINDS.find(({ key }) => key === 'certificates.k8s.io/v1/certificatesigningrequests') ?? {};
  const made = await wire.post(path, { metadata: { name: 'asked' }, ...sample?.content });
  assert.equal((await wire.get(`${path}/asked/approval`)).metadata.uid, made.metadata.uid);
  const condition = { type: 'Approved', status: 'True', reason: 'E2E', message: 'approved by a test' };
  const note = (value: string): object => ({ metadata: { annotations: { note: value } } });
  const approved = await wire.put(`${path}/asked/approval`, { ...made, status: { conditions: [condition] } });
  assert.equal((approved['status'] as { readonly conditions: readonly object[] }).conditions.length, 1);
  const noted = await wire.patch(`${path}/asked/approval`, 'merge', note('approval'));
  assert.equal(noted.metadata.annotations?.['note'], 'approval');
  assert.match(
    await wire.refused(422, `PUT ${path}/asked/approval`, { ...noted, status: { conditions: [] } }),
    /updates may not remove a condition of type "Approved"/,
  );
  assert.equal((await wire.get(`${path}/asked/status`)).metadata.uid, made.metadata.uid);
  const certificate = Buffer.from(wire.server.authority.certificate).toString('base64');
  const signed = await wire.patch(`${path}/asked/status`, 'merge', { ...note('status'), status: { certificate } });
  assert.equal((signed['status'] as { readonly certificate?: string }).certificate, certificate);
});

test('[CFM113] a pod may bring a volume of a driver of its own: made, read, listed, patched and deleted', async () => {
  await wire.post('/apis/storage.k8s.io/v1/csidrivers', {
    metadata: { name: 'inline.test.example' },
    spec: { volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true },
  });
  const pods = '/api/v1/namespaces/default/pods';
  const volumes = [
    { name: 'inline', csi: { driver: 'inline.test.example', readOnly: true, volumeAttributes: { a: 'b' } } },
  ];
  const mounts = [{ name: 'inline', mountPath: '/data' }];
  const containers = [{ name: 'a', image: 'a', volumeMounts: mounts }];
  const made = await wire.post(pods, {
    metadata: { name: 'inline', labels: { volume: 'csi' } },
    spec: { volumes, containers },
  });
  assert.deepEqual((made['spec'] as { readonly volumes: unknown }).volumes, volumes);
  assert.deepEqual((await wire.get(`${pods}/inline`))['spec'], made['spec']);
  const { items } = await wire.get('/api/v1/pods?labelSelector=volume%3Dcsi');
  assert.equal(items?.length, 1);
  await wire.patch(`${pods}/inline`, 'strategic-merge', { metadata: { labels: { patched: 'yes' } } });
  await wire.delete(`${pods}/inline`);
  await wire.refused(404, `GET ${pods}/inline`);
});
