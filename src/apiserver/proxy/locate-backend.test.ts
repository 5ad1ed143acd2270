import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endpoints } from '#api/core/endpoints';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import type { ResourceType } from '#api/resource';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import type { Storable, Store } from '#store/store';
import { failure } from '#test/builders/pipeline';
import { aMeta } from '#test/builders/workloads';
import { parseResourcePath } from '../http/request-path.ts';
import { objectKey } from '../registry/keys.ts';
import { mayProxyTo } from './backend.ts';
import { locateBackend } from './locate-backend.ts';
import { splitProxiedPath } from './proxied-path.ts';

const world = virtualWorld();

async function aStore(
  ...objects: readonly (readonly [ResourceType, Storable & Readonly<Record<string, unknown>>])[]
): Promise<Store> {
  const store = await openStore({ engine: memoryEngine(), world });
  await store.write((tx) => {
    for (const [type, object] of objects) tx.put(objectKey(type, object.metadata), object);
  });
  return store;
}

type Found = { readonly scheme: string; readonly host: string; readonly port: number };

function find(store: Store, path: string): string {
  const at = parseResourcePath(path);
  assert.ok(at);
  const { scheme, host, port }: Found = locateBackend({ store, world }, at)!();
  return `${scheme}://${host}:${port}`;
}

const typed = (type: unknown): ResourceType => type as ResourceType;
const pods = '/api/v1/namespaces/default/pods';
const services = '/api/v1/namespaces/default/services';

test('[SUB20] pods and nodes are found by name, port and scheme', async () => {
  const status = {
    addresses: [{ type: 'InternalIP', address: '198.18.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
  };
  const spec = { containers: [{ name: 'a' }, { name: 'b', ports: [{ containerPort: 8080 }] }] };
  const at = (podIP: string): object => ({ status: { podIP, podIPs: [{ ip: podIP }] } });
  await using store = await aStore(
    [typed(Pod), { metadata: aMeta('web'), spec, ...at('198.18.1.5') }],
    [typed(Pod), { metadata: aMeta('plain'), spec: { containers: [] }, ...at('198.18.1.6') }],
    [typed(Pod), { metadata: aMeta('waiting'), spec }],
    [typed(Pod), { metadata: aMeta('sly'), spec, ...at('127.0.0.1') }],
    [typed(Node), { metadata: aMeta('n1'), status }],
  );
  const found = {
    [`${pods}/web/proxy`]: 'http://198.18.1.5:8080',
    [`${pods}/web:80/proxy/a/b`]: 'http://198.18.1.5:80',
    [`${pods}/https:web:8443/proxy/`]: 'https://198.18.1.5:8443',
    [`${pods}/plain/proxy/`]: 'http://198.18.1.6:80',
    '/api/v1/nodes/n1/proxy/metrics': 'https://198.18.0.1:10250',
    '/api/v1/nodes/n1:10250/proxy/metrics': 'https://198.18.0.1:10250',
    '/api/v1/nodes/http:n1:9100/proxy/metrics': 'http://198.18.0.1:9100',
  };
  for (const [path, expected] of Object.entries(found)) assert.equal(find(store, path), expected);
  const bad = (path: string, reason: string, message: string): void =>
    assert.throws(() => find(store, path), { reason, message });
  bad(`${pods}/a:b:c:d/proxy`, 'BadRequest', 'invalid pod request "a:b:c:d"');
  bad(`${pods}/ftp:web:21/proxy`, 'BadRequest', 'invalid pod request "ftp:web:21"');
  bad(`${pods}/waiting/proxy`, 'BadRequest', 'address not allowed');
  bad(`${pods}/sly/proxy`, 'BadRequest', 'address not allowed');
  bad(`${pods}/none:80/proxy`, 'NotFound', 'pods "none" not found');
});

test('[SUB21] a service leads to one of its ready addresses, by the name or number of its port', async () => {
  const spec = {
    ports: [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'admin', port: 81 },
    ],
  };
  const subsets = [
    {
      addresses: [{ ip: '198.18.1.5' }, { ip: '198.18.1.6' }],
      notReadyAddresses: [{ ip: '198.18.1.7' }],
      ports: [{ name: 'http', port: 8080 }],
    },
  ];
  await using store = await aStore(
    [typed(Service), { metadata: aMeta('web'), spec }],
    [typed(Endpoints), { metadata: aMeta('web'), subsets }],
    [typed(Service), { metadata: aMeta('one'), spec: { ports: [{ port: 80 }] } }],
    [typed(Endpoints), { metadata: aMeta('one') }],
  );
  const seen = new Set(Array.from({ length: 50 }, () => find(store, `${services}/web:80/proxy/`)));
  assert.deepEqual(seen, new Set(['http://198.18.1.5:8080', 'http://198.18.1.6:8080']));
  assert.match(find(store, `${services}/https:web:http/proxy/`), /^https:.*:8080$/);
  const none = (name: string) => failure('ServiceUnavailable', `no endpoints available for service "${name}"`);
  for (const path of ['web/proxy', 'web:admin/proxy', 'web:81/proxy']) {
    assert.throws(() => find(store, `${services}/${path}`), none('web'));
  }
  assert.throws(() => find(store, `${services}/one/proxy`), none('one'));
  const unknown = failure('ServiceUnavailable', 'no service port 82 found for service "web"');
  assert.throws(() => find(store, `${services}/web:82/proxy`), unknown);
  assert.throws(() => find(store, `${services}/lost/proxy`), failure('NotFound', 'services "lost" not found'));
});

test('[SUB22] local addresses are reached by no proxy', () => {
  const allowed = ['198.18.1.5', '10.0.0.1', '2001:db8::1', 'fd00::1'];
  assert.deepEqual(allowed.filter(mayProxyTo), allowed);
  const refused = ['', 'web', '127.0.0.1', '127.9.9.9', '169.254.169.254', '224.0.0.1', '0.0.0.0', '255.255.255.255'];
  const six = ['::1', '::', 'fe80::1', 'ff02::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'];
  assert.deepEqual([...refused, ...six].filter(mayProxyTo), []);
});

test('[SUB23] what follows the subresource is the path that the backend is asked, as it was written', () => {
  const split = (path: string): string => {
    const at = parseResourcePath(path);
    assert.ok(at);
    const { prefix, rest } = splitProxiedPath(path, at);
    return `${prefix} ${rest}`;
  };
  assert.equal(split(`${pods}/web/proxy`), `${pods}/web/proxy `);
  assert.equal(split(`${pods}/web/proxy/`), `${pods}/web/proxy /`);
  assert.equal(split(`${pods}/web/proxy/a%2Fb//c/`), `${pods}/web/proxy /a%2Fb//c/`);
  assert.equal(split('/api/v1/nodes/n1/proxy/a'), '/api/v1/nodes/n1/proxy /a');
});
