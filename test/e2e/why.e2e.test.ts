/** Pods that no node takes: kubectl shows the reason, `tutti why` a change, and with that change made the pod runs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ExplainedChange } from '#api/explain/pod-explanation';
import { applyMergePatch } from '#api/meta/merge-patch';
import { aDeployment } from '../builders/workloads.ts';
import { type Case, CASES, container, type NodeSetup, type PodSetup } from './unschedulable/cases.ts';
import { HollowCluster } from './unschedulable/hollow-cluster.ts';

const NODES = ['hollow-1', 'hollow-2', 'hollow-3'];

const manifest = (name: string, namespace: string, { labels = {}, spec }: PodSetup): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: {
    containers: [container()],
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    ...spec,
  },
});

describe('why pods do not run', { timeout: 600_000, concurrency: 1 }, () => {
  let cluster: HollowCluster;

  before(async () => {
    cluster = await HollowCluster.start(NODES.length);
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  for (const [index, each] of CASES.entries()) {
    test(`[E2E80] ${each.name}`, () => play(cluster, each, `case-${index}`));
  }

  test('[E2E80] a scheduler that is not there', async () => {
    const namespace = 'other-scheduler';
    await cluster.namespace(namespace);
    await cluster.apply(manifest('waiting', namespace, { spec: { schedulerName: 'nobody' } }));
    await cluster.eventually('the column', async () => {
      const table = await cluster.kubectl('get', 'pods', '-n', namespace);
      return table.includes('no scheduler called nobody runs here: let scheduler default-scheduler place the pod');
    });
    const { changes } = await cluster.why('waiting', namespace);
    await make(cluster, changes[0]!);
    await cluster.running('waiting', namespace);
  });

  test('[E2E81] a pod that has a node is told how it was chosen', async () => {
    await cluster.namespace('placed');
    await cluster.apply(manifest('fine', 'placed', { spec: {} }));
    await cluster.running('fine', 'placed');
    const text = await cluster.tutti('why', 'pod/fine', '-n', 'placed');
    assert.match(text, /^Pod placed\/fine is on node hollow-\d$/m);
    assert.match(text, /^ +hollow-\d +\d+ +100 x 3/m);
    await assert.rejects(cluster.tutti('why', 'nobody', '-n', 'placed'), /No pod "nobody" in namespace placed/);
  });

  test('[E2E82] who may see pods may ask why, and nobody else', async () => {
    const asked = ['auth', 'can-i', 'get', 'podexplanations.explain.tutti.io', '-n', 'placed', '--as=jane'];
    assert.equal((await cluster.tryKubectl(...asked)).stdout.trim(), 'no');
    await cluster.kubectl('create', 'rolebinding', 'jane', '--clusterrole=view', '--user=jane', '-n', 'placed');
    assert.equal((await cluster.tryKubectl(...asked)).stdout.trim(), 'yes');
  });

  test('[E2E83] without the column tables of pods are as on Kubernetes', async () => {
    await cluster.restart('--why-column', 'off');
    const table = await cluster.kubectl('get', 'pods', '-n', 'placed', '-o', 'wide');
    assert.match(table, /READINESS GATES *\n/);
  });
});

async function play(cluster: HollowCluster, each: Case, namespace: string): Promise<void> {
  await cluster.namespace(namespace);
  await using stage = new AsyncDisposableStack();
  stage.use(await prepared(cluster, each.nodes ?? []));
  const running = (each.running ?? []).map((setup, index) => ({ name: `running-${index}`, ...setup }));
  for (const { name, on, labels = {}, spec } of running)
    await cluster.apply(manifest(name, namespace, { labels, spec: { ...spec, nodeName: `hollow-${on}` } }));
  for (const { name } of running) await cluster.running(name, namespace);
  const name = await created(cluster, each, namespace);
  await refused(cluster, each, { name, namespace });
  const { changes } = await cluster.why(name, namespace);
  const summaries = changes.map(({ summary }) => summary);
  assert.equal(summaries[0], each.change, summaries.join('\n'));
  const change = changes.find(({ summary }) => summary.startsWith(each.made ?? each.change));
  assert.ok(change, `${each.made}\nis not among\n${summaries.join('\n')}`);
  stage.use(await make(cluster, change));
  // Pods go before their nodes do.
  stage.defer(async () => {
    await cluster.kubectl('delete', 'deployment,pod', '--all', '-n', namespace, '--now', '--wait');
  });
  if (each.replicas === undefined) await cluster.running(name, namespace);
  else await cluster.available('many', namespace, each.replicas);
}

/** The pod that waits, or the first of the deployment that does. */
async function created(cluster: HollowCluster, { pod, replicas }: Case, namespace: string): Promise<string> {
  if (replicas === undefined) {
    await cluster.apply(manifest('waiting', namespace, pod));
    return 'waiting';
  }
  const { labels = {}, spec } = pod;
  const template = {
    metadata: { labels },
    spec: { containers: [container()], terminationGracePeriodSeconds: 0, ...spec },
  };
  const {
    apiVersion,
    kind,
    spec: rest,
  } = aDeployment({ spec: { replicas, selector: { matchLabels: labels }, template } });
  await cluster.apply({ apiVersion, kind, metadata: { name: 'many', namespace }, spec: rest });
  return await cluster.eventually('a pod that waits', async () => {
    const pods = await cluster.pods(namespace);
    const placed = pods.filter(({ spec: { nodeName = '' } }) => nodeName !== '');
    const waits = pods.find(({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable'));
    return placed.length === NODES.length && pods.length === replicas ? waits?.metadata.name : undefined;
  });
}

/** kubectl shows the reason: in the pod's condition, in the column, and where the scheduler tried, in an event. */
async function refused(
  cluster: HollowCluster,
  { reason, pod }: Case,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<void> {
  const path = `jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}`;
  await cluster.eventually('the condition', async () => {
    const message = await cluster.kubectl('get', 'pod', name, '-n', namespace, '-o', path);
    return message.includes(reason);
  });
  const described = await cluster.kubectl('describe', 'pod', name, '-n', namespace);
  if ((pod.spec.schedulingGates ?? []).length === 0) assert.ok(described.includes(reason), described);
  const [head = '', row = ''] = (await cluster.kubectl('get', 'pod', name, '-n', namespace)).split('\n');
  assert.match(head, / +WHY$/);
  assert.ok(row.slice(head.indexOf('WHY')).trim() !== '', `${head}\n${row}`);
}

/** Nodes as the case wants them; they are put back afterwards. */
async function prepared(cluster: HollowCluster, setups: readonly NodeSetup[]): Promise<AsyncDisposable> {
  await using back = new AsyncDisposableStack();
  for (const [index, { labels = {}, spec = {} }] of setups.entries()) {
    const name = NODES[index]!;
    back.defer(() => cluster.resetNode(name, labels));
    await cluster.patchNode(name, { metadata: { labels }, spec });
  }
  return back.move();
}

/** Makes the change for real. What is disposed of afterwards: nodes that were added or changed. */
async function make(cluster: HollowCluster, { edits }: ExplainedChange): Promise<AsyncDisposable> {
  await using back = new AsyncDisposableStack();
  for (const { kind, name, namespace = '', patch, create, remove } of edits) {
    if (create !== undefined) back.use(await cluster.addNode(create));
    else if (remove === true) await cluster.kubectl('delete', kind, name, '-n', namespace, '--now', '--wait');
    else if (kind === 'Node') {
      const labels = (patch as PatchedLabels).metadata?.labels ?? {};
      back.defer(() => cluster.resetNode(name, labels));
      await cluster.patchNode(name, patch);
    } else await cluster.replacePod(name, namespace, (pod) => applyMergePatch(pod, patch));
  }
  return back.move();
}

type PatchedLabels = { readonly metadata?: { readonly labels?: Readonly<Record<string, string | null>> } };
