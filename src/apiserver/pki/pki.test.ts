/** The cluster's certificates, checked by OpenSSL through Node. */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { ADMIN_LEAF, createAuthority, isDue, issueLeaf, nodeServerLeaf, serverLeaf } from './authority.ts';
import { addressBytes } from './address-bytes.ts';
import { loadAuthority, loadLeaf, writePrivate } from './files.ts';
import { kubeconfigYaml } from './kubeconfig.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const YEAR_MS = 365 * 24 * 60 * 60_000;

test('[PKI1] the authority signs itself and may sign others, and nothing else may', () => {
  const authority = createAuthority(NOW);
  const parsed = new X509Certificate(authority.certificate);
  const leaf = new X509Certificate(issueLeaf(authority, ADMIN_LEAF, NOW).certificate);
  assert.deepEqual(
    [parsed.ca, parsed.verify(parsed.publicKey), leaf.ca, leaf.verify(parsed.publicKey), leaf.checkIssued(parsed)],
    [true, true, false, true, true],
  );
});

test('[PKI2] a client certificate carries the user as common name and the groups as organizations', () => {
  const leaf = new X509Certificate(issueLeaf(createAuthority(NOW), ADMIN_LEAF, NOW).certificate);
  assert.equal(leaf.subject, 'O=system:masters\nCN=kubernetes-admin');
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.2']);
});

test('[PKI3] a server certificate is for its DNS names and addresses', () => {
  const names = ['kubernetes.default.svc', '127.0.0.1', 'fd00::1'];
  const leaf = new X509Certificate(issueLeaf(createAuthority(NOW), serverLeaf(names), NOW).certificate);
  assert.equal(leaf.subjectAltName, 'DNS:kubernetes.default.svc, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:1');
  assert.equal(leaf.checkHost('kubernetes.default.svc'), 'kubernetes.default.svc');
  assert.equal(leaf.checkIP('127.0.0.1'), '127.0.0.1');
});

test('[PKI4] a certificate is due for renewal when two thirds of its life are over', () => {
  const { certificate } = issueLeaf(createAuthority(NOW), nodeServerLeaf('n1', []), NOW);
  assert.deepEqual(
    [0, 0.6, 0.67, 1].map((share) => isDue(certificate, NOW + share * YEAR_MS)),
    [false, false, true, true],
  );
});

test('[PKI5] keys are files that only the owner reads, and are loaded again while they are good', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-pki-'));
  try {
    const authority = await loadAuthority(folder, NOW);
    const file = { folder, name: 'server', leaf: serverLeaf(['a.example', '::1']) };
    const first = await loadLeaf(file, authority, NOW);
    assert.deepEqual(await loadAuthority(folder, NOW), authority);
    assert.deepEqual(await loadLeaf(file, authority, NOW), first);
    assert.notDeepEqual(
      await loadLeaf({ ...file, leaf: serverLeaf(['a.example', '10.0.0.1']) }, authority, NOW),
      first,
    );
    const second = await loadLeaf(file, authority, NOW);
    assert.notDeepEqual(await loadLeaf(file, authority, NOW + 0.9 * YEAR_MS), second);
    assert.notDeepEqual(await loadLeaf(file, createAuthority(NOW), NOW), second);
    await writePrivate(join(folder, 'server.key'), issueLeaf(authority, serverLeaf([]), NOW).key);
    const third = await loadLeaf(file, authority, NOW);
    assert.ok(new X509Certificate(third.certificate).checkPrivateKey(createPrivateKey(third.key)));
    assert.equal((await stat(join(folder, 'server.key'))).mode & 0o777, 0o600);
    assert.match(await readFile(join(folder, 'ca.crt'), 'utf8'), /^-----BEGIN CERTIFICATE-----\n/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('[PKI6] a kubeconfig names one cluster, one user and a current context', () => {
  const yaml = kubeconfigYaml({
    server: 'https://127.0.0.1:6443',
    authority: 'CA',
    client: { certificate: 'CRT', key: 'KEY' },
  });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  assert.deepEqual(load(yaml), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'tutti', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': base64('CA') } },
    ],
    users: [{ name: 'admin', user: { 'client-certificate-data': base64('CRT'), 'client-key-data': base64('KEY') } }],
    contexts: [{ name: 'tutti', context: { cluster: 'tutti', user: 'admin' } }],
    'current-context': 'tutti',
  });
});

test('[PKI3] addresses are written in 4 or 16 bytes', () => {
  assert.deepEqual(
    ['192.0.2.1', '::', '2001:db8::2:1', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8'].map((a) =>
      addressBytes(a).toString('hex'),
    ),
    [
      'c0000201',
      '00000000000000000000000000000000',
      '20010db8000000000000000000020001',
      '00000000000000000000ffffc0000201',
      '00010002000300040005000600070008',
    ],
  );
});
