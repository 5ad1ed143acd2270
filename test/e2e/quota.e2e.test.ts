/** What a namespace may use, how important pods are, certificates, and manifests of former years, with real kubectl. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CertificateSigningRequest } from '#api/types/certificates-v1';
import type { Pod } from '#api/types/core-v1';
import { CLIENT_MINORS } from '../../tools/kubectl.ts';
import { aCertificateRequest } from '../builders/certificate-request.ts';
import { eventually, ROOT, TestCluster } from './cluster.ts';

const FORMER = join(ROOT, 'test/e2e/manifests/former.yaml');
const IMAGE = 'docker.io/library/busybox:latest';

/** The lines of a table, with single spaces. */
const lines = (table: string): readonly string[] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '));

describe('what a namespace may use', { timeout: 400_000 }, () => {
  let cluster: TestCluster;
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'tutti-quota-'));
    cluster = await TestCluster.start();
    await cluster.kubectl('create', 'namespace', 'team');
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  const team = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', 'team', ...args);
  /** Until it holds. */
  const comes = (what: string, check: () => Promise<unknown>): Promise<true> =>
    eventually(async () => {
      await check();
      return true;
    }, what);
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await cluster.tryKubectl('-n', 'team', ...args);
    assert.equal(code, 1, args.join(' '));
    return stderr.trim();
  };
  test('[QUO20] a quota is made, shown and kept: what exceeds it is refused, what is deleted is given back', async () => {
    assert.equal(await team('create', 'quota', 'few', '--hard=secrets=1,pods=2'), 'resourcequota/few created\n');
    await comes('the count', async () => {
      assert.deepEqual(lines(await team('describe', 'quota', 'few')), [
        'Name: few',
        'Namespace: team',
        'Resource Used Hard',
        '-------- ---- ----',
        'pods 0 2',
        'secrets 0 1',
      ]);
    });
    await team('create', 'secret', 'generic', 'first', '--from-literal=a=b');
    assert.match(
      await refused('create', 'secret', 'generic', 'second', '--from-literal=a=b'),
      /secrets "second" is forbidden: exceeded quota: few, requested: secrets=1, used: secrets=1, limited: secrets=1$/,
    );
    const [head, row] = lines(await team('get', 'quota'));
    assert.equal(head, 'NAME REQUEST LIMIT AGE');
    assert.match(row ?? '', /^few pods: 0\/2, secrets: 1\/1 \d+s$/);
    assert.match(await cluster.kubectl('describe', 'namespace', 'team'), /Resource Quotas\n\s+Name: +few/);
    await team('delete', 'secret', 'first');
    await comes('room for another', () => team('create', 'secret', 'generic', 'second', '--from-literal=a=b'));
    await team('delete', 'quota', 'few');
  });

  test('[QUO21] a limit range is shown, fills in what pods leave open and refuses what is beyond it', async () => {
    const limits = [
      { type: 'Container', default: { cpu: '200m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '1' } },
    ];
    const metadata = { name: 'bounds', namespace: 'team' };
    await cluster.apply({ apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits } });
    assert.deepEqual(lines(await team('describe', 'limits', 'bounds')).slice(2), [
      'Type Resource Min Max Default Request Default Limit Max Limit/Request Ratio',
      '---- -------- --- --- --------------- ------------- -----------------------',
      'Container cpu - 1 100m 200m -',
    ]);
    await team('run', 'quiet', `--image=${IMAGE}`);
    const { spec } = await cluster.json<Pod>('-n', 'team', 'get', 'pod', 'quiet');
    assert.deepEqual(spec.containers[0]?.resources, { limits: { cpu: '200m' }, requests: { cpu: '100m' } });
    const overrides = { spec: { containers: [{ name: 'loud', image: IMAGE, resources: { limits: { cpu: '2' } } }] } };
    assert.match(
      await refused('run', 'loud', `--image=${IMAGE}`, `--overrides=${JSON.stringify(overrides)}`),
      /pods "loud" is forbidden: maximum cpu usage per Container is 1, but limit is 2$/,
    );
  });

  test('[QUO22] priority classes are made and shown, and pods have the priority of theirs', async () => {
    assert.equal(
      await cluster.kubectl('create', 'priorityclass', 'high', '--value=1000', '--preemption-policy=Never'),
      'priorityclass.scheduling.k8s.io/high created\n',
    );
    const table = lines(await cluster.kubectl('get', 'priorityclasses')).map((line) =>
      line.replace(/ \d+m?\d*s /, ' AGE '),
    );
    assert.deepEqual(table, [
      'NAME VALUE GLOBAL-DEFAULT AGE PREEMPTIONPOLICY',
      'high 1000 false AGE Never',
      'system-cluster-critical 2000000000 false AGE PreemptLowerPriority',
      'system-node-critical 2000001000 false AGE PreemptLowerPriority',
    ]);
    const overrides = JSON.stringify({ spec: { priorityClassName: 'high' } });
    await team('run', 'urgent', `--image=${IMAGE}`, `--overrides=${overrides}`);
    const priority = await cluster.fields(['pod', 'urgent', '-n', 'team'], '{.spec.priority} {.spec.preemptionPolicy}');
    assert.deepEqual(priority, ['1000', 'Never']);
    assert.match(
      await refused('run', 'lost', `--image=${IMAGE}`, '--overrides={"spec":{"priorityClassName":"none"}}'),
      /pods "lost" is forbidden: no PriorityClass with name none was found$/,
    );
    assert.match(
      await refused('delete', 'priorityclass', 'system-node-critical'),
      /this is a system priority class and cannot be deleted$/,
    );
  });

  test('[CRT20] a request is approved and its certificate opens the cluster; another is denied', async () => {
    const ask = async (name: string): Promise<string> => {
      const { request, key } = aCertificateRequest({ commonName: name, organizations: ['people'] });
      const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
      await cluster.apply({
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name },
        spec,
      });
      return key;
    };
    const [key] = [await ask('ann'), await ask('bob')];
    for (const [name, verb] of [
      ['ann', 'approve'],
      ['bob', 'deny'],
    ] as const) {
      const said = await cluster.kubectl('certificate', verb, name);
      assert.equal(
        said,
        `certificatesigningrequest.certificates.k8s.io/${name} ${verb === 'deny' ? 'denied' : 'approved'}\n`,
      );
    }
    await comes('the certificate', async () => {
      const rows = lines(await cluster.kubectl('get', 'csr')).map((line) => line.replace(/ \d+s /, ' AGE '));
      const signer = 'kubernetes.io/kube-apiserver-client kubernetes-admin <none>';
      assert.deepEqual(rows, [
        'NAME AGE SIGNERNAME REQUESTOR REQUESTEDDURATION CONDITION',
        `ann AGE ${signer} Approved,Issued`,
        `bob AGE ${signer} Denied`,
      ]);
    });
    assert.match(await cluster.kubectl('describe', 'csr', 'ann'), /Common Name: +ann/);
    const { status } = await cluster.json<CertificateSigningRequest>('get', 'csr', 'ann');
    const [cert, pem] = [join(home, 'ann.crt'), join(home, 'ann.key')];
    await writeFile(cert, Buffer.from(status?.certificate ?? '', 'base64'));
    await writeFile(pem, key, { mode: 0o600 });
    const own = ['config', 'set-credentials', 'ann', `--client-certificate=${cert}`, `--client-key=${pem}`];
    await cluster.kubectl(...own);
    const whoami = await cluster.kubectl('--user=ann', 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}');
    assert.equal(whoami, 'ann');
  });

  for (const minor of CLIENT_MINORS) {
    test(`[FRM20] manifests in versions that are gone are applied by kubectl 1.${minor}, with a word on what to write`, async () => {
      const namespace = `former-${minor}`;
      await cluster.kubectl('create', 'namespace', namespace);
      // What kubectl remembers of kinds is kept by address, and other clusters have had the same.
      const own = ['-n', namespace, '--cache-dir', join(home, `cache-${minor}`)];
      const apply = () => cluster.tryKubectlOf(minor, ...own, 'apply', '-f', FORMER);
      const first = await apply();
      assert.equal(first.code, 0, first.stderr);
      const told = (what: string): RegExp => new RegExp(`Warning: ${what}`);
      assert.match(
        first.stderr,
        told('extensions/v1beta1 Deployment is deprecated in v1.8\\+, unavailable in v1.16\\+; use apps/v1 Deployment'),
      );
      assert.match(first.stderr, told('batch/v1beta1 CronJob is deprecated in v1.21\\+, .*; use batch/v1 CronJob'));
      const { stdout } = await apply();
      assert.deepEqual(
        lines(stdout).filter((line) => !line.endsWith(' unchanged')),
        [],
      );
      const backend = '{.apiVersion} {.spec.rules[0].http.paths[0].backend.service.name}';
      const ingress = await cluster.fields(['ingress', 'former', '-n', namespace], backend);
      assert.deepEqual(ingress, ['networking.k8s.io/v1', 'former']);
      const all = await cluster.kubectlOf(minor, ...own, 'get', 'all', '-o', 'name');
      assert.deepEqual(
        lines(all).filter((line) => line.includes('deployment')),
        ['deployment.apps/former'],
      );
      await cluster.kubectl('delete', 'namespace', namespace);
      await assert.rejects(cluster.kubectl('get', 'namespace', namespace), /NotFound/);
    });
  }
});
