/** Who may do what on a real cluster: pods reach the API as themselves, and people find out what they may. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually, TestCluster } from './cluster.ts';

const IMAGES = ['docker.io/library/nginx:1.22'];
const FILES = '/var/run/secrets/kubernetes.io/serviceaccount';
const ROBOT = 'system:serviceaccount:default:robot';
const PODS = '/api/v1/namespaces/default/pods';

// A client of the API as programs in pods are: it checks the server by the mounted authority and shows the mounted token.
const CLIENT = `cat > /tmp/client.conf <<END
events {}
http {
  server {
    listen 127.0.0.1:8080;
    location / {
      proxy_pass https://kubernetes.default.svc;
      proxy_http_version 1.1;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate ${FILES}/ca.crt;
      proxy_ssl_name kubernetes.default.svc;
      proxy_ssl_server_name on;
      proxy_set_header Host kubernetes.default.svc;
      proxy_set_header Authorization "Bearer $(cat ${FILES}/token)";
    }
  }
}
END
exec nginx -c /tmp/client.conf -g 'daemon off;'`;

type SelfReview = {
  readonly status: {
    readonly userInfo: { readonly username: string; readonly extra: Readonly<Record<string, readonly string[]>> };
  };
};

describe('access', { timeout: 300_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    const metadata = { name: 'robot' };
    const container = { name: 'client', image: 'nginx:1.22', command: ['sh', '-c', CLIENT] };
    await cluster.apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: { serviceAccountName: 'robot', containers: [container] } },
    );
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/robot', '--timeout=60s');
    await eventually(async () => (await askFromPod('/version')).includes('gitVersion'), 'the client listens');
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const fromPod = (script: string) => cluster.kubectl('exec', 'robot', '--', 'sh', '-c', script);
  /** The API's answer to the pod, refusals included. */
  const askFromPod = (path: string, ...more: readonly string[]): Promise<string> =>
    fromPod(`wget -q -O - ${more.join(' ')} http://127.0.0.1:8080${path} 2>&1; true`);

  test('[ACC80] a pod finds its token, the authority and its namespace, and is its service account to the API', async () => {
    assert.equal(await fromPod(`cat ${FILES}/namespace`), 'default');
    const authority = await fromPod(`cat ${FILES}/ca.crt`);
    const { data } = await cluster.json<{ data: Record<string, string> }>('get', 'configmap', 'kube-root-ca.crt');
    assert.equal(authority, data['ca.crt']);
    const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const answer = await askFromPod(review, `--header 'Content-Type: application/json'`, `--post-data '{}'`);
    const { userInfo } = (JSON.parse(answer) as SelfReview).status;
    assert.deepEqual([userInfo.username, userInfo.extra['authentication.kubernetes.io/pod-name']], [ROBOT, ['robot']]);
  });

  test('[ACC81] a pod may do what its account is granted, and no more', async () => {
    assert.match(await askFromPod(PODS), /403 Forbidden/);
    await cluster.kubectl('create', 'role', 'reader', '--verb=get,list', '--resource=pods');
    await cluster.kubectl('create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:robot');
    assert.match(await askFromPod(PODS), /"kind":\s*"PodList"/);
    assert.match(await askFromPod('/api/v1/namespaces/default/secrets'), /403 Forbidden/);
  });

  for (const minor of [28, 32, 35] as const) {
    const kubectl = (...args: readonly string[]) => cluster.tryKubectlOf(minor, ...args);
    const asBob = ['--as', 'bob', '--as-group', 'devs'];

    test(`[ACC82] kubectl 1.${minor} tells who one is and what one may do`, async () => {
      const name = `viewer-${minor}`;
      await cluster.kubectl('create', 'rolebinding', name, '--clusterrole=view', '--group=devs');
      const may = (...what: readonly string[]) => kubectl('auth', 'can-i', ...what, ...asBob);
      assert.deepEqual([(await may('list', 'pods')).stdout, (await may('list', 'pods')).code], ['yes\n', 0]);
      const refused = await may('delete', 'pods');
      assert.deepEqual([refused.stdout, refused.code], ['no\n', 1]);
      const { stdout: list } = await may('--list');
      assert.match(list, /^selfsubjectreviews\.authentication\.k8s\.io +\[\] +\[\] +\[create\]$/m);
      assert.match(list, /^deployments\.apps +\[\] +\[\] +\[get list watch\]$/m);
      const { stdout: who } = await kubectl('auth', 'whoami', ...asBob);
      assert.match(who, /^Username +bob\nGroups +\[devs system:authenticated\]$/m);
      await cluster.kubectl('delete', 'rolebinding', name);
    });

    test(`[ACC83] kubectl 1.${minor} reconciles roles: what is missing is added, what is more stays`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tutti-roles-'));
      try {
        const name = `reconciled-${minor}`;
        await cluster.kubectl('create', 'role', name, '--verb=get', '--resource=secrets');
        const rules = [{ verbs: ['list'], apiGroups: ['apps'], resources: ['deployments'] }];
        const role = {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata: { name, namespace: 'default' },
          rules,
        };
        const file = join(folder, 'role.json');
        await writeFile(file, JSON.stringify(role));
        const { code, stdout, stderr } = await kubectl('auth', 'reconcile', '-f', file);
        assert.equal(code, 0, stderr);
        assert.match(stdout, new RegExp(`^role\\.rbac\\.authorization\\.k8s\\.io/${name} reconciled$`, 'm'));
        const stored = await cluster.json<typeof role>('get', 'role', name);
        assert.deepEqual(stored.rules, [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }, ...rules]);
        const { stderr: refused } = await kubectl('auth', 'reconcile', '-f', file, ...asBob);
        assert.match(
          refused,
          /roles.rbac.authorization.k8s.io "reconciled-\d+" is forbidden: User "bob" cannot get resource/,
        );
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test(`[ACC84] kubectl 1.${minor} makes tokens of service accounts`, async () => {
      const { code, stdout } = await kubectl('create', 'token', 'robot', '--duration=1200s', '--audience=bank');
      const payload = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString()) as {
        aud: string[];
        iat: number;
        exp: number;
      };
      assert.deepEqual([code, payload.aud, payload.exp - payload.iat], [0, ['bank'], 1200]);
    });
  }
});
