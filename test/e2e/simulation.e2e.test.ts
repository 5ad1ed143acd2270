/** A copy of a running cluster, read through its API by its kubeconfig, and the page of the guide on it. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '#simulate/report';
import { must, type Output, ROOT, runOn, TestCluster } from './cluster.ts';
import { runGuide } from './guide.ts';

const TUTTI = join(ROOT, 'tutti');
const SCENARIO = `apiVersion: simulate.tutti.io/v1alpha1
kind: Scenario
metadata: { name: empty-one }
spec:
  duration: 5m
  actions:
    - at: 1m
      drain: { nodes: [hollow-1] }
`;

describe('a simulation of a running cluster', { timeout: 300_000, concurrency: 1 }, () => {
  let cluster: TestCluster;
  let folder: string;
  let scenario: string;

  const simulate = (from: string, ...args: readonly string[]): Promise<Output> =>
    runOn(cluster.hosts.node, TUTTI, ['simulate', scenario, '--from', from, ...args]);

  /** The kubeconfig that `change` makes of the administrator's. */
  async function kubeconfig(name: string, change: (text: string) => string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, change(await readFile(cluster.kubeconfig, 'utf8')));
    return path;
  }

  /** Of a user who has a token and no certificate. */
  const withToken = (name: string, token: string): Promise<string> =>
    kubeconfig(name, (text) =>
      text
        .replace(/^ *client-(?:certificate|key)-data:.*\n/gm, '')
        .replace(/^ {2}user:$/m, `  user: { token: ${token} }`),
    );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-simulation-'));
    scenario = join(folder, 'scenario.yaml');
    await writeFile(scenario, SCENARIO);
    cluster = await TestCluster.start({ upArguments: ['--runtime', 'hollow', '--hollow-nodes', '3'] });
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('[SIM21] the commands of the page on simulation print what it shows', async () => {
    await runGuide(cluster, 'simulation');
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  });

  test('[SIM23] a running cluster is copied through its API, and stays as it is', async () => {
    const versions = ['nodes,deployments,replicasets,secrets,pods'];
    const state = (): Promise<readonly string[]> => cluster.fields([...versions, '-A'], '{.items[*].metadata.uid}');
    const before = await state();
    const { web } = reported(await simulate(cluster.kubeconfig, '-o', 'json'));
    assert.deepEqual([web?.wanted, web?.leastReady, web?.readyAtEnd, web?.moves], [6, 4, 4, 0]);
    const { report } = reported(await simulate(cluster.kubeconfig, '-o', 'json'));
    assert.deepEqual(reported(await simulate(cluster.dataDir, '-o', 'json')), { report, web });
    assert.deepEqual(
      [report.actions, report.utilisation.before, report.utilisation.after.readyNodes, report.pending.atEnd.length],
      [
        [{ atSeconds: 60, action: 'drain hollow-1', outcome: report.actions[0]?.outcome }],
        {
          nodes: 3,
          readyNodes: 3,
          cpuMilliCores: { requested: 18_000, allocatable: 24_000, percent: 75 },
          memoryBytes: report.utilisation.before.memoryBytes,
          pods: { requested: 6, allocatable: 330, percent: 1.8 },
        },
        3,
        2,
      ],
    );
    const text = must(await simulate(cluster.kubeconfig));
    assert.match(text, /^Scenario empty-one, seed 1: 5m simulated\n/);
    assert.match(
      text,
      /^ {2}Deployment default\/web {2}4\/6 ready at the end, 4 at least {2}degraded 4m.* {2}down 0s {2}0 moves$/m,
    );
    assert.deepEqual(await state(), before);
  });

  test('[SIM23] a user who may list what is simulated is enough', async () => {
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['list'] }];
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'copies' },
      rules,
    };
    await cluster.apply(role);
    const path = await withToken('copier.yaml', await tokenOf('copier', 'copies'));
    const { web } = reported(await simulate(path, '-o', 'json'));
    assert.equal(web?.readyAtEnd, 4);
  });

  test('[SIM24] a server that cannot be reached is told', async () => {
    const path = await kubeconfig('dead.yaml', (text) => text.replace(/server: .*/, 'server: https://127.0.0.1:1'));
    const why = 'Cannot reach https://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1';
    refused(await simulate(path), `tutti: Cannot read a cluster from ${path}: ${why}`);
  });

  test('[SIM24] credentials that the server does not know are told', async () => {
    const path = await withToken('stranger.yaml', 'unknown');
    refused(await simulate(path), `tutti: Cannot read a cluster from ${path}: Unauthorized`);
  });

  test('[SIM24] what the user may not list is told by name', async () => {
    const path = await withToken('viewer.yaml', await tokenOf('viewer', 'view'));
    const { code, stdout, stderr } = await simulate(path);
    assert.deepEqual([code, stdout], [2, '']);
    const [line = '', ...more] = stderr.trimEnd().split('\n').slice(1);
    assert.deepEqual(more, []);
    const start = `tutti: Cannot read a cluster from ${path}: its user may not list nodes, `;
    assert.ok(line.startsWith(start), line);
    assert.match(line, /, secrets, .*, clusterroles\.rbac\.authorization\.k8s\.io, /);
    assert.doesNotMatch(line, /\bpods\b|deployments|leases|webhookconfigurations/);
    const user = 'User "system:serviceaccount:default:viewer"';
    assert.ok(
      line.endsWith(`: nodes is forbidden: ${user} cannot list resource "nodes" in API group "" at the cluster scope`),
      line,
    );
  });

  test('[SIM25] the examples of the help can be run as they stand', async () => {
    const help = must(await runOn(cluster.hosts.node, TUTTI, ['simulate', '--help']));
    const examples = [...help.matchAll(/^ {2}\$ (tutti .*)$/gm)].map(([, example = '']) => example);
    assert.equal(examples.length, 3);
    await mkdir(join(folder, '.kube'));
    await symlink(cluster.kubeconfig, join(folder, '.kube', 'config'));
    for (const example of examples) {
      const here = example.replace('/var/lib/tutti', cluster.dataDir);
      const script = `HOME=${folder}; tutti() { ${TUTTI} "$@"; }; cd ${ROOT} && ${here}`;
      const printed = must(await runOn(cluster.hosts.node, 'sh', ['-c', script]));
      assert.match(printed, example.endsWith('json') ? /^\{\n {2}"scenario": / : /^Scenario /);
    }
  });

  async function tokenOf(account: string, role: string): Promise<string> {
    await cluster.kubectl('create', 'serviceaccount', account);
    const subject = `--serviceaccount=default:${account}`;
    await cluster.kubectl('create', 'clusterrolebinding', account, `--clusterrole=${role}`, subject);
    return (await cluster.kubectl('create', 'token', account)).trim();
  }
});

function refused({ code, stdout, stderr }: Output, line: string): void {
  assert.deepEqual([code, stdout, stderr], [2, '', `Reading the cluster\n${line}\n`]);
}

type Told = { readonly report: Report; readonly web: Report['workloads'][number] | undefined };

function reported(output: Output): Told {
  const report = JSON.parse(must(output)) as Report;
  return { report, web: report.workloads.find(({ workload }) => workload === 'Deployment default/web') };
}
