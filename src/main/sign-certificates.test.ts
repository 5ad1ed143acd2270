import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { createAuthority, fillOrder } from '#apiserver/pki/authority';
import { createPipeline } from '#apiserver/pipeline';
import type { Authorizer } from '#apiserver/authz/authorizer';
import { KINDS } from '#api/kinds';
import { virtualWorld } from '#base/virtual-world';
import { silentLogger } from '#base/log';
import { createEventRecorder } from '#client/event-recorder';
import { createInformers } from '#client/informers';
import { inProcessClient } from '#client/in-process';
import { aCertificateRequest, pemRequest, type Wanted } from '#test/builders/certificate-request';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { runController } from '#controllers/framework/run-controller';
import { certificateApproval } from '#controllers/certificate-approval/controller';
import { certificateSigning } from '#controllers/certificate-signing/controller';

type Spec = Pick<CertificateSigningRequest['spec'], 'signerName' | 'usages' | 'expirationSeconds'>;

const NODE: Wanted = { commonName: 'system:node:n1', organizations: ['system:nodes'] };
const CLIENT: Spec = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
const NODE_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const NODE_SERVER = 'kubernetes.io/kubelet-serving';
const NODE_CLIENT_USAGES = ['client auth', 'digital signature'];
const NODE_SERVER_USAGES = ['server auth', 'digital signature', 'key encipherment'];

async function aSigner(): Promise<TestCluster & { readonly authority: X509Certificate }> {
  const cluster = await aCluster();
  const authority = createAuthority(cluster.world.clock.now());
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'test' });
    const controller = certificateSigning((order) => fillOrder(authority, order, cluster.world.clock.now()));
    await runController(controller, { ...cluster, signal, events });
  });
  await cluster.world.settle();
  return Object.assign(cluster, { authority: new X509Certificate(authority.certificate) });
}

const ask = (
  { client }: Pick<TestCluster, 'client'>,
  wanted: Wanted,
  spec: Spec,
): Promise<CertificateSigningRequest> => {
  const { request } = aCertificateRequest(wanted);
  return client.create(CertificateSigningRequest, { metadata: { name: 'wish' }, spec: { ...spec, request } });
};

async function decide({ handle }: Pick<TestCluster, 'handle'>, request: CertificateSigningRequest, type = 'Approved') {
  const { group, version, plural } = CertificateSigningRequest;
  const body = { ...request, status: { ...request.status, conditions: [{ type, status: 'True', reason: 'Test' }] } };
  const { signal } = new AbortController();
  const { name } = request.metadata;
  return await handle({
    verb: 'update',
    group,
    version,
    plural,
    subresource: 'approval',
    name,
    body,
    options: {},
    user: ADMIN,
    signal,
  });
}

const ADMIN = { name: 'admin', groups: ['system:masters'] };

async function outcome(cluster: TestCluster): Promise<CertificateSigningRequest['status']> {
  await cluster.world.advance(1000);
  return (await cluster.client.get(CertificateSigningRequest, { name: 'wish' })).status;
}

const certificateIn = (status: CertificateSigningRequest['status']): X509Certificate =>
  new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64'));

test('[CRT10] an approved request of a client is signed by the authority for as long as was asked', async () => {
  await using cluster = await aSigner();
  const wish = await ask(
    cluster,
    { commonName: 'ann', organizations: ['dev'] },
    { ...CLIENT, expirationSeconds: 3600 },
  );
  assert.equal((await outcome(cluster))?.certificate, undefined);
  await decide(cluster, wish);
  const status = await outcome(cluster);
  const certificate = certificateIn(status);
  assert.ok(certificate.verify(cluster.authority.publicKey));
  assert.equal(certificate.subject, 'O=dev\nCN=ann');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.equal(certificate.validToDate.getTime(), cluster.world.clock.now() - 1000 + 3_600_000);
  assert.deepEqual(
    status?.conditions?.map(({ type, reason, lastUpdateTime }) => [type, reason, lastUpdateTime !== undefined]),
    [['Approved', 'Test', true]],
  );
});

test('[CRT11] certificates of nodes are for nodes alone: what else is asked for fails and says why', async () => {
  const result = async (wanted: Wanted, spec: Spec): Promise<string | undefined> => {
    await using cluster = await aSigner();
    await decide(cluster, await ask(cluster, wanted, spec));
    const status = await outcome(cluster);
    if (status?.certificate !== undefined) return certificateIn(status).subjectAltName ?? 'signed';
    return status?.conditions?.find(({ type }) => type === 'Failed')?.message;
  };
  const client = { signerName: NODE_CLIENT, usages: NODE_CLIENT_USAGES };
  const server = { signerName: NODE_SERVER, usages: NODE_SERVER_USAGES };
  const served = { ...NODE, dnsNames: ['n1'], addresses: [[198, 18, 0, 7]] };
  assert.deepEqual(
    await Promise.all([
      result(NODE, client),
      result(served, server),
      result({ commonName: 'ann' }, client),
      result({ ...NODE, dnsNames: ['n1'] }, client),
      result({ ...NODE, commonName: 'ann' }, client),
      result(NODE, { ...client, usages: ['client auth'] }),
      result(NODE, server),
      result({ ...served, emails: ['a@b.c'] }, server),
      result({ commonName: 'ann' }, { ...CLIENT, usages: ['server auth'] }),
      result(NODE, { ...CLIENT, signerName: 'example.com/other' }),
    ]),
    [
      'signed',
      'DNS:n1, IP Address:198.18.0.7',
      'subject organization is not system:nodes',
      'DNS subjectAltNames are not allowed',
      'subject common name does not begin with system:node: ',
      'usages did not match [client auth digital signature key encipherment]',
      'DNS or IP subjectAltName is required',
      'Email subjectAltNames are not allowed',
      'invalid usage for client certificate: server auth',
      undefined,
    ],
  );
});

test('[CRT12] a denied request is not signed', async () => {
  await using cluster = await aSigner();
  await decide(cluster, await ask(cluster, { commonName: 'ann' }, CLIENT), 'Denied');
  const status = await outcome(cluster);
  assert.deepEqual([status?.certificate, status?.conditions?.map(({ type }) => type)], [undefined, ['Denied']]);
});

test('[CRT13] a request says truly who made it, is signed with its own key and asks for no masters', async () => {
  await using cluster = await aCluster();
  const { request } = aCertificateRequest({ commonName: 'ann' });
  const spec = { ...CLIENT, request, username: 'root', groups: ['system:masters', 'other'] };
  const made = await cluster.client.create(CertificateSigningRequest, { metadata: { name: 'a' }, spec });
  assert.deepEqual([made.spec.username, made.spec.groups], ['tester', ['system:masters']]);
  const der = Buffer.from(
    Buffer.from(request, 'base64')
      .toString()
      .replaceAll(/-----.*-----|\n/g, ''),
    'base64',
  );
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  await assert.rejects(
    cluster.client.create(CertificateSigningRequest, {
      metadata: { name: 'b' },
      spec: { ...spec, request: pemRequest(der) },
    }),
    { reason: 'Invalid', message: /x509: signature of the request does not match its key$/ },
  );
  await assert.rejects(ask(cluster, { commonName: 'ann', organizations: ['system:masters'] }, CLIENT), {
    reason: 'Forbidden',
    message:
      'certificatesigningrequests.certificates.k8s.io "wish" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  });
});

test('[CRT14] who decides or signs has the right to do so for that signer or all of its domain', async () => {
  const world = virtualWorld({ seed: 1 });
  await using store = await openStore({ engine: memoryEngine(), world });
  const may = new Set<string>();
  const authorize: Authorizer = (asked) => ({
    allowed: !('plural' in asked) || asked.plural !== 'signers' || may.has(`${asked.verb} ${asked.name}`),
  });
  const { handle } = createPipeline({ store, world, kinds: KINDS, authorize, serviceCidr: '198.19.0.0/16' });
  const client = inProcessClient(handle, ADMIN);
  const wish = await ask({ client }, { commonName: 'ann' }, CLIENT);
  const refused = (what: string) => ({
    reason: 'Forbidden',
    message: `certificatesigningrequests.certificates.k8s.io "wish" is forbidden: user not permitted to ${what} requests with signerName "kubernetes.io/kube-apiserver-client"`,
  });
  await assert.rejects(decide({ handle }, wish), refused('approve'));
  may.add('approve kubernetes.io/*');
  await decide({ handle }, wish);
  const approved = await client.get(CertificateSigningRequest, { name: 'wish' });
  const status = {
    ...approved.status,
    conditions: [...(approved.status?.conditions ?? []), { type: 'Failed', status: 'True' }],
  };
  const answer = () => client.update(CertificateSigningRequest, { ...approved, status }, { subresource: 'status' });
  await assert.rejects(answer(), refused('sign'));
  may.add('sign kubernetes.io/kube-apiserver-client');
  await answer();
});

test('[CRT17] requests of nodes for client certificates are approved where roles let them have those', async () => {
  const outcomeFor = async (wanted: Wanted, spec: Spec, may: readonly string[]): Promise<string | undefined> => {
    const world = virtualWorld({ seed: 1 });
    await using store = await openStore({ engine: memoryEngine(), world });
    const authorize: Authorizer = (asked) => ({
      allowed:
        !('plural' in asked) || asked.user.name === 'admin' || may.includes(`${asked.plural}/${asked.subresource}`),
    });
    const { handle } = createPipeline({ store, world, kinds: KINDS, authorize, serviceCidr: '198.19.0.0/16' });
    const client = inProcessClient(handle, ADMIN);
    const ending = new AbortController();
    const { signal } = ending;
    const logger = silentLogger();
    const informers = createInformers({ client, world, logger, signal });
    const events = createEventRecorder({ client, world, logger, signal, component: 'test' });
    const running = runController(certificateApproval, { client, informers, events, world, logger, signal });
    // Whoever asks: the node itself.
    await ask({ client: inProcessClient(handle, { name: 'system:node:n1', groups: [] }) }, wanted, spec);
    await world.advance(1000);
    const { status } = await client.get(CertificateSigningRequest, { name: 'wish' });
    ending.abort();
    await running;
    return status?.conditions?.[0]?.message;
  };
  const spec = { signerName: NODE_CLIENT, usages: NODE_CLIENT_USAGES };
  const ASK = 'certificatesigningrequests/undefined';
  const [self, first] = ['selfnodeclient', 'nodeclient'].map((name) => `certificatesigningrequests/${name}`);
  const other = { ...NODE, commonName: 'system:node:n2' };
  assert.deepEqual(
    await Promise.all([
      outcomeFor(NODE, spec, [ASK, self!]),
      outcomeFor(other, spec, [ASK, self!]),
      outcomeFor(other, spec, [ASK, first!]),
      outcomeFor(NODE, spec, [ASK]),
      outcomeFor({ ...NODE, organizations: [] }, spec, [ASK, self!, first!]),
    ]),
    [
      'Auto approving self kubelet client certificate after SubjectAccessReview.',
      undefined,
      'Auto approving kubelet client certificate after SubjectAccessReview.',
      undefined,
      undefined,
    ],
  );
});
