/** helm 4 keeps a chart with hooks, its own kinds, jobs and lookups on a cluster with real containers. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CLIENT_MINORS, helmPath } from '../../tools/kubectl.ts';
import { must, type Output, ROOT, TestCluster } from './cluster.ts';

const HELM = helmPath(CLIENT_MINORS.at(-1)!);
const CHART = join(ROOT, 'test/e2e/charts/greeter');
const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/busybox:latest'];
const WAITING = ['--wait', '--wait-for-jobs', '--timeout', '90s'];

type Release = { readonly name: string; readonly revision: string; readonly status: string; readonly chart: string };
type Revision = { readonly revision: number; readonly status: string; readonly description: string };
type Entry = { readonly manager: string; readonly operation: string; readonly subresource?: string };

describe('helm 4', { timeout: 400_000 }, () => {
  let cluster: TestCluster;
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'tutti-helm-'));
    cluster = await TestCluster.start({ images: IMAGES });
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  const tryHelm = (...args: readonly string[]): Promise<Output> => {
    const [program, line] = cluster.hosts.node.command(HELM, args);
    const env = { HOME: home, PATH: process.env['PATH'], KUBECONFIG: cluster.kubeconfig };
    return new Promise((resolve) => {
      execFile(program, line, { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      });
    });
  };
  const helm = async (...args: readonly string[]): Promise<string> => must(await tryHelm(...args));
  const history = async (): Promise<readonly Revision[]> =>
    JSON.parse(await helm('history', 'demo', '-o', 'json')) as Revision[];
  const page = (): Promise<string> =>
    cluster.kubectl('get', 'cm', 'demo-page', '-o', String.raw`jsonpath={.data.index\.html}`);
  const token = (): Promise<string> => cluster.kubectl('get', 'secret', 'demo-token', '-o', 'jsonpath={.data.token}');

  test('[TOOL11] is helm 4', async () => {
    assert.match(await helm('version', '--short'), /^v4\.\d+\.\d+/);
  });

  test('[TOOL12] an installation runs its hooks, makes its kinds first, and waits until all is ready', async () => {
    const output = await helm('install', 'demo', CHART, ...WAITING);
    assert.match(output, /^NAME: demo\n(?:.*\n)*STATUS: deployed\nREVISION: 1\n/);
    assert.match(output, /NOTES:\ndemo says hello in revision 1\.\n$/);
    assert.equal(await cluster.kubectl('logs', 'job/demo-pre-install'), 'prepared\n');
    assert.equal(await cluster.kubectl('logs', 'job/demo-post-install'), 'settled\n');
    assert.equal(await cluster.kubectl('logs', 'job/demo-fill-1'), 'filled\n');
    const ready = await cluster.kubectl('get', 'deploy', 'demo', '-o', 'jsonpath={.status.readyReplicas}');
    assert.equal(ready, '1');
    const text = await cluster.kubectl('get', 'greetings.example.com', 'demo', '-o', 'jsonpath={.spec.text}');
    assert.equal(text, 'hello');
    const [release] = JSON.parse(await helm('list', '-o', 'json')) as Release[];
    const { name, revision, status, chart } = release!;
    assert.deepEqual(
      { name, revision, status, chart },
      { name: 'demo', revision: '1', status: 'deployed', chart: 'greeter-1.0.0' },
    );
    assert.match(await helm('status', 'demo'), /^STATUS: deployed$/m);
    assert.match(await helm('get', 'manifest', 'demo'), /^kind: RoleBinding$/m);
    assert.match(await helm('get', 'hooks', 'demo'), /helm\.sh\/hook: post-install/);
    assert.match(await helm('get', 'values', 'demo', '--all'), /^greeting: hello$/m);
  });

  test('[TOOL11] a server validates what a chart makes, and nothing is kept of it', async () => {
    const rendered = await tryHelm('template', 'dry', CHART, '--validate');
    assert.equal(rendered.code, 0, rendered.stderr);
    assert.match(rendered.stdout, /^kind: Deployment$/m);
    const simulated = await helm('install', 'dry', CHART, '--dry-run=server');
    assert.match(simulated, /^STATUS: pending-install$/m);
    // Looked up and asked of the server.
    assert.match(simulated, /namespaces: "[4-9]"/);
    assert.match(simulated, /jobs: "true"/);
    assert.match(simulated, /kubernetes: v1\.\d+\.\d+/);
    assert.equal((JSON.parse(await helm('list', '-A', '-o', 'json')) as Release[]).length, 1);
    assert.equal(await cluster.kubectl('get', 'deploy', '-o', 'name'), 'deployment.apps/demo\n');
  });

  test('[TOOL12] what is installed is applied by the server in the name of helm', async () => {
    const deployment = await cluster.json<{ readonly metadata: { readonly managedFields: readonly Entry[] } }>(
      'get',
      'deploy',
      'demo',
      '--show-managed-fields',
    );
    const entries = deployment.metadata.managedFields.filter(({ subresource }) => subresource === undefined);
    const applied = entries.find(({ operation }) => operation === 'Apply');
    assert.equal(applied?.manager, 'helm');
  });

  test('[TOOL12] the tests of a chart run in pods, and their logs are shown', async () => {
    const output = await helm('test', 'demo', '--logs', '--timeout', '60s');
    assert.match(output, /^TEST SUITE: {5}demo-answers$/m);
    assert.match(output, /^Phase: {10}Succeeded$/m);
    assert.match(output, /POD LOGS: demo-answers\nhello from revision 1/);
  });

  test('[TOOL13] an upgrade changes what differs, and a lookup finds what was there', async () => {
    const made = await token();
    const output = await helm('upgrade', 'demo', CHART, '--set', 'greeting=salve,replicas=2', ...WAITING);
    assert.match(output, /^Release "demo" has been upgraded\. Happy Helming!\n/);
    assert.match(output, /demo says salve in revision 2\.\n$/);
    assert.equal(await page(), 'salve from revision 2');
    assert.equal(await token(), made);
    assert.equal(await cluster.kubectl('get', 'deploy', 'demo', '-o', 'jsonpath={.status.readyReplicas}'), '2');
    // The jobs of a revision go with it.
    const jobs = await cluster.kubectl('get', 'jobs', '-o', 'name');
    assert.equal(jobs, 'job.batch/demo-fill-2\njob.batch/demo-post-install\njob.batch/demo-pre-install\n');
  });

  test('[TOOL13] an upgrade meets fields that others own, and takes them when told to', async () => {
    await cluster.kubectl('scale', 'deploy', 'demo', '--replicas=3');
    const refused = await tryHelm('upgrade', 'demo', CHART, '--reuse-values', '--set', 'replicas=4');
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /conflict occurred while applying object default\/demo apps\/v1, Kind=Deployment: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/,
    );
    assert.equal((await history()).at(-1)?.status, 'failed');
    await helm('upgrade', 'demo', CHART, '--reuse-values', '--set', 'replicas=1', '--force-conflicts', ...WAITING);
    assert.equal(await cluster.kubectl('get', 'deploy', 'demo', '-o', 'jsonpath={.spec.replicas}'), '1');
  });

  test('[TOOL14] a rollback restores a revision, and the history tells everything', async () => {
    assert.equal(await helm('rollback', 'demo', '1', ...WAITING), 'Rollback was a success! Happy Helming!\n');
    assert.equal(await page(), 'hello from revision 1');
    const revisions = (await history()).map(({ revision, status, description }) => [revision, status, description]);
    assert.deepEqual(
      [revisions[0], revisions[1], revisions[3], revisions[4]],
      [
        [1, 'superseded', 'Install complete'],
        [2, 'superseded', 'Upgrade complete'],
        [4, 'superseded', 'Upgrade complete'],
        [5, 'deployed', 'Rollback to 1'],
      ],
    );
    const missing = await tryHelm('rollback', 'demo', '9');
    assert.deepEqual([missing.code, missing.stderr], [1, 'Error: release has no 9 version\n']);
  });

  test('[TOOL15] what cannot be is refused, and says why', async () => {
    const again = await tryHelm('install', 'demo', CHART);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^Error: INSTALLATION FAILED: .*cannot reuse a name that is still in use$/m);
    const values = await tryHelm('install', 'bad', CHART, '--set', 'replicas=many');
    assert.equal(values.code, 1);
    assert.match(
      values.stderr,
      /values don't meet the specifications of the schema.*\ngreeter:\n- at '\/replicas': got string, want integer/s,
    );
    const image = await tryHelm('install', 'bad', CHART, '--set', 'image=', '--no-hooks');
    assert.equal(image.code, 1);
    assert.match(
      image.stderr,
      /Deployment\.apps "bad" is invalid: spec\.template\.spec\.containers\[0\]\.image: Required value/,
    );
    await helm('uninstall', 'bad');
    const hook = await tryHelm('install', 'bad', CHART, '--set', 'hooks.command=exit 1', '--timeout', '60s');
    assert.equal(hook.code, 1);
    assert.match(hook.stderr, /INSTALLATION FAILED: failed pre-install: /);
    assert.match(await helm('status', 'bad'), /^STATUS: failed$/m);
    await helm('uninstall', 'bad');
    const missing = await tryHelm('status', 'missing');
    assert.deepEqual([missing.code, missing.stderr], [1, 'Error: release: not found\n']);
  });

  test('[TOOL15] an installation that fails is taken back when asked to', async () => {
    const failed = await tryHelm(
      'install',
      'back',
      CHART,
      '--set',
      'image=registry.invalid/none:1',
      '--rollback-on-failure',
      '--timeout',
      '5s',
    );
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /release back failed, and has been uninstalled due to rollback-on-failure being set/);
    assert.equal(await cluster.kubectl('get', 'deploy,svc', '-l', 'app.kubernetes.io/instance=back', '-o', 'name'), '');
  });

  test('[TOOL14] an uninstallation leaves nothing but the kinds and what hooks made', async () => {
    assert.match(await helm('uninstall', 'demo', '--wait', '--timeout', '60s'), /^release "demo" uninstalled\n/);
    const left = await cluster.kubectl('get', 'deploy,svc,cm,secret,sa,role,rolebinding,greetings', '-o', 'name');
    assert.deepEqual(left.trim().split('\n').toSorted(), [
      'configmap/back-farewell',
      'configmap/bad-farewell',
      'configmap/demo-farewell',
      'configmap/kube-root-ca.crt',
      'service/kubernetes',
      'serviceaccount/default',
    ]);
    assert.equal(
      await cluster.kubectl('get', 'crd', '-o', 'name'),
      'customresourcedefinition.apiextensions.k8s.io/greetings.example.com\n',
    );
    assert.deepEqual(JSON.parse(await helm('list', '-A', '-o', 'json')), []);
  });
});
