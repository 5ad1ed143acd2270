import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Event } from '#api/core/event';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { RuntimeClass } from '#api/node/runtime-class';
import type { PodSpec } from '#api/types/core-v1';
import { aborted } from '#base/abort';
import { createInformers } from '#client/informers';
import { anAgent } from '#test/builders/agent';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { createHollowRuntime } from './runtime/hollow/hollow-runtime.ts';
import { RuntimeError } from './runtime/runtime-error.ts';

const REF = { namespace: 'default', name: 'web-1' };

const aNodeCluster = (seed = 1): Promise<TestCluster> => aCluster({ seed, namespaces: ['default', 'kube-node-lease'] });

async function createPod(
  { client }: TestCluster,
  spec: Partial<PodSpec> = {},
  annotations: Record<string, string> = {},
): Promise<void> {
  await client.create(Pod, {
    metadata: { ...REF, annotations },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx:1' }], ...spec },
  });
}

const read = ({ client }: TestCluster): Promise<Pod> => client.get(Pod, REF);
const events = async ({ client }: TestCluster): Promise<readonly string[]> =>
  (await client.list(Event, {})).items
    .filter(({ involvedObject }) => involvedObject.kind === 'Pod')
    .map(({ type, reason, message }) => `${type} ${reason} ${message}`);

test('[NOD140] a pod that is bound to the node runs there, and its events tell how it came to be', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster, { profile: { pullMs: [500, 500] } });
  await createPod(cluster);
  await cluster.world.advance(2_000);
  const { status } = await read(cluster);
  assert.deepEqual(
    [status?.phase, status?.podIP, status?.hostIP, status?.containerStatuses?.[0]?.ready],
    ['Running', '198.18.1.2', '198.18.0.1', true],
  );
  assert.deepEqual(await events(cluster), [
    'Normal Pulling Pulling image "nginx:1"',
    'Normal Pulled Successfully pulled image "nginx:1" in 0.5s (0.5s including waiting). Image size: 20971520 bytes.',
    'Normal Created Created container: web',
    'Normal Started Started container web',
  ]);
});

test('[NOD141] a deleted pod leaves nothing behind, neither on the node nor in the API', async () => {
  await using cluster = await aNodeCluster();
  const { runtime } = await anAgent(cluster);
  await createPod(cluster);
  await cluster.world.advance(5_000);
  await cluster.client.delete(Pod, REF);
  await cluster.world.advance(5_000);
  assert.deepEqual((await cluster.client.list(Pod, {})).items, []);
  assert.deepEqual([await runtime.listPodSandboxes(), await runtime.listContainers()], [[], []]);
});

test('[NOD159c] the steps of a deleted pod that follow one another within a second are told in one write, the last before it goes', async () => {
  const told = async (stopMs: number): Promise<readonly unknown[]> => {
    await using cluster = await aNodeCluster();
    await anAgent(cluster, { profile: { stopMs: [stopMs, stopMs] } });
    await createPod(cluster);
    await cluster.world.advance(5_000);
    await cluster.client.delete(Pod, REF);
    const before = cluster.requests.length;
    await cluster.world.advance(20_000);
    const since = cluster.requests.slice(before).filter(({ plural }) => plural === 'pods');
    return since.map(({ verb, body }) => (verb === 'update' ? (body as Pod).status?.phase : verb));
  };
  assert.deepEqual(await told(20), ['Succeeded', 'delete']);
  assert.deepEqual(await told(5_000), ['Running', 'Succeeded', 'Succeeded', 'delete']);
});

test('[NOD156] containers of a deleted pod are told to end when nobody is led to them any more, or a second later', async () => {
  await using cluster = await aNodeCluster();
  const { promise: withdrawn, resolve: withdraw } = Promise.withResolvers<void>();
  const asked: (readonly string[])[] = [];
  const beforeStop = async (podIps: readonly string[], signal: AbortSignal): Promise<void> => {
    asked.push(podIps);
    await Promise.race([withdrawn, aborted(signal)]);
  };
  const { runtime } = await anAgent(cluster, { beforeStop, profile: { stopMs: [1, 5] } });
  const running = async () => (await runtime.listContainers()).filter(({ state }) => state === 'Running').length;
  for (const wait of [() => cluster.world.advance(900), async () => withdraw()]) {
    await createPod(cluster);
    await cluster.world.advance(5_000);
    await cluster.client.delete(Pod, REF);
    await cluster.world.advance(200);
    assert.equal(await running(), 1);
    await wait();
    await cluster.world.advance(10);
    assert.equal(await running(), 0);
    await cluster.world.advance(5_000);
  }
  assert.deepEqual(asked, [['198.18.1.2'], ['198.18.1.3']]);
});

test('[NOD157] a pod that has used up its deadline is told in an event', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster);
  await createPod(cluster, { activeDeadlineSeconds: 10 });
  await cluster.world.advance(30_000);
  const told = (await events(cluster)).filter((each) => each.includes('DeadlineExceeded'));
  assert.deepEqual(told, ['Normal DeadlineExceeded Pod was active on the node longer than the specified deadline']);
});

test('[NOD142] a pod whose containers have done their work succeeds', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster);
  await createPod(cluster, { restartPolicy: 'Never' }, { 'hollow.tutti.io/run-seconds': '30' });
  await cluster.world.advance(40_000);
  const { status } = await read(cluster);
  assert.deepEqual(
    [status?.phase, status?.containerStatuses?.[0]?.state?.terminated?.reason],
    ['Succeeded', 'Completed'],
  );
});

test('[NOD143] a container that keeps ending is held back, which an event tells once each time', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster);
  await createPod(cluster, {}, { 'hollow.tutti.io/run-seconds': '1', 'hollow.tutti.io/exit-code': '1' });
  await cluster.world.advance(30_000);
  const [web] = (await read(cluster)).status?.containerStatuses ?? [];
  assert.deepEqual(
    [web?.state?.waiting?.reason, web?.restartCount, web?.lastState?.terminated?.exitCode],
    ['CrashLoopBackOff', 2, 1],
  );
  const held = (await cluster.client.list(Event, {})).items.filter(({ reason }) => reason === 'BackOff');
  assert.deepEqual(
    held.map(({ type, count }) => [type, count]),
    [['Warning', 2]],
  );
});

test('[NOD144] an agent that starts anew takes over what runs', async () => {
  await using cluster = await aNodeCluster();
  const runtime = createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' });
  const first = new AbortController();
  await anAgent(cluster, { runtime, signal: first.signal });
  await createPod(cluster);
  await cluster.world.advance(5_000);
  const before = (await read(cluster)).status;
  first.abort();
  await cluster.world.advance(60_000);
  await anAgent(cluster, { runtime });
  await cluster.world.advance(5_000);
  assert.deepEqual((await read(cluster)).status, before);
  assert.equal((await runtime.listContainers()).length, 1);
});

test('[NOD145] what was deleted while no agent looked is taken down by the next one', async () => {
  await using cluster = await aNodeCluster();
  const runtime = createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' });
  const first = new AbortController();
  await anAgent(cluster, { runtime, signal: first.signal });
  await createPod(cluster);
  await cluster.world.advance(5_000);
  first.abort();
  await cluster.client.delete(Pod, REF, { gracePeriodSeconds: 0 });
  await cluster.world.settle();
  await anAgent(cluster, { runtime });
  await cluster.world.advance(5_000);
  assert.deepEqual(await runtime.listPodSandboxes(), []);
});

test('[NOD146] a container that died while no agent looked is restarted', async () => {
  await using cluster = await aNodeCluster();
  const runtime = createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' });
  const first = new AbortController();
  await anAgent(cluster, { runtime, signal: first.signal });
  await createPod(cluster);
  await cluster.world.advance(5_000);
  first.abort();
  const [container] = await runtime.listContainers();
  const stopping = runtime.stopContainer(container?.id ?? '', 0);
  await cluster.world.advance(1_000);
  await stopping;
  await anAgent(cluster, { runtime });
  await cluster.world.advance(5_000);
  const [web] = (await read(cluster)).status?.containerStatuses ?? [];
  assert.deepEqual([web?.restartCount, web?.lastState?.terminated?.exitCode, web?.ready], [1, 137, true]);
});

test('[NOD147] an image that cannot be had is told as such, and tried again', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster, { profile: { isMissing: () => true, pullMs: [0, 0] } });
  await createPod(cluster);
  await cluster.world.advance(5_000);
  const [web] = (await read(cluster)).status?.containerStatuses ?? [];
  assert.equal(web?.state?.waiting?.reason, 'ImagePullBackOff');
  await cluster.world.advance(30_000);
  const told = await events(cluster);
  assert.ok(told.includes('Warning Failed Failed to pull image "nginx:1": nginx:1: not found'));
  assert.ok(told.includes('Warning Failed Error: ErrImagePull'));
  assert.ok(told.includes('Normal BackOff Back-off pulling image "nginx:1"'));
  const pulls = (await cluster.client.list(Event, {})).items.find(({ reason }) => reason === 'Pulling')?.count;
  assert.equal(pulls, 3); // at once, after 10 s, after 20 s more
});

test('[NOD148] a container waits for the objects it takes its variables from', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster);
  await createPod(cluster, {
    containers: [{ name: 'web', image: 'nginx:1', envFrom: [{ configMapRef: { name: 'app' } }] }],
  });
  await cluster.world.advance(5_000);
  const [web] = (await read(cluster)).status?.containerStatuses ?? [];
  assert.deepEqual(web?.state?.waiting, { reason: 'CreateContainerConfigError', message: 'configmap "app" not found' });
  await cluster.client.create(ConfigMap, { metadata: { namespace: 'default', name: 'app' }, data: { a: '1' } });
  await cluster.world.advance(20_000);
  assert.equal((await read(cluster)).status?.phase, 'Running');
});

test('[NOD149] a sandbox that cannot be made is tried again, and told', async () => {
  await using cluster = await aNodeCluster();
  const hollow = createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' });
  let failures = 2;
  const runtime = {
    ...hollow,
    runPodSandbox: (...call: Parameters<typeof hollow.runPodSandbox>) =>
      failures-- > 0 ? Promise.reject(new RuntimeError('Failed', 'no address')) : hollow.runPodSandbox(...call),
  };
  await anAgent(cluster, { runtime });
  await createPod(cluster);
  await cluster.world.advance(10_000);
  assert.equal((await read(cluster)).status?.phase, 'Running');
  assert.ok(
    (await events(cluster)).includes('Warning FailedCreatePodSandBox Failed to create pod sandbox: no address'),
  );
});

test('[NOD150] an operation that fails for no known reason is tried again with pauses', async () => {
  await using cluster = await aNodeCluster();
  const hollow = createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' });
  let tries = 0;
  const runtime = {
    ...hollow,
    stopContainer: async (...call: Parameters<typeof hollow.stopContainer>) => {
      if (++tries <= 3) throw new RuntimeError('Failed', 'busy');
      await hollow.stopContainer(...call);
    },
  };
  await anAgent(cluster, { runtime });
  await createPod(cluster);
  await cluster.world.advance(5_000);
  await cluster.client.delete(Pod, REF);
  await cluster.world.advance(3_000);
  assert.ok(tries < 4, `tried ${tries} times in 3 s`);
  await cluster.world.advance(20_000);
  assert.deepEqual((await cluster.client.list(Pod, {})).items, []);
});

test('[NOD30] a pod that does not fit the node fails there, and an agent that starts anew refuses none that runs', async () => {
  await using cluster = await aNodeCluster();
  const runtime = createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' });
  const first = new AbortController();
  await anAgent(cluster, { runtime, signal: first.signal });
  const resources = { requests: { cpu: '3' } };
  await createPod(cluster, { containers: [{ name: 'web', image: 'nginx:1', resources }] });
  await cluster.client.create(Pod, {
    metadata: { namespace: 'default', name: 'web-2' },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx:1', resources }] },
  });
  await cluster.world.advance(5_000);
  const { status } = await cluster.client.get(Pod, { namespace: 'default', name: 'web-2' });
  assert.deepEqual([status?.phase, status?.reason, status?.containerStatuses], ['Failed', 'OutOfcpu', undefined]);
  assert.ok((await events(cluster)).some((each) => each.startsWith('Warning OutOfcpu Pod was rejected:')));
  first.abort();
  await anAgent(cluster, { runtime });
  await cluster.world.advance(5_000);
  assert.equal((await read(cluster)).status?.phase, 'Running');
});

test('[NOD151] a status that somebody else wrote over is put right', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster);
  await createPod(cluster);
  await cluster.world.advance(5_000);
  const pod = await read(cluster);
  const conditions =
    pod.status?.conditions?.map((each) => (each.type === 'Ready' ? { ...each, status: 'False' } : each)) ?? [];
  const foreign = { type: 'example.com/gate', status: 'True' };
  await cluster.client.update(
    Pod,
    { ...pod, status: { ...pod.status, conditions: [...conditions, foreign] } },
    { subresource: 'status' },
  );
  await cluster.world.advance(1_000);
  const after = (await read(cluster)).status?.conditions ?? [];
  assert.equal(after.find(({ type }) => type === 'Ready')?.status, 'True');
  assert.equal(after.find(({ type }) => type === foreign.type)?.status, 'True');
});

test('[NOD152] a pod that nothing happens to costs the API nothing', async () => {
  await using cluster = await aNodeCluster();
  await anAgent(cluster);
  await createPod(cluster);
  await cluster.world.advance(5_000);
  const count = (): number => cluster.requests.filter(({ plural }) => plural === 'pods' || plural === 'events').length;
  const before = count();
  await cluster.world.advance(600_000);
  assert.equal(count(), before);
});

test('[NOD153] many pods come and go on one node, and every time in the same way for the same seed', async () => {
  const run = async (): Promise<readonly string[]> => {
    await using cluster = await aNodeCluster(7);
    const { runtime } = await anAgent(cluster, { profile: { startFailures: 0.2, sandboxFailures: 0.2 } });
    for (let index = 0; index < 30; index++) {
      const annotations: Record<string, string> = index % 3 === 0 ? { 'hollow.tutti.io/run-seconds': '5' } : {};
      await cluster.client.create(Pod, {
        metadata: { namespace: 'default', name: `p-${index}`, annotations },
        spec: {
          nodeName: 'node-1',
          containers: [{ name: 'web', image: 'nginx:1' }],
          restartPolicy: index % 2 === 0 ? 'Always' : 'Never',
        },
      });
    }
    await cluster.world.advance(60_000);
    const pods = (await cluster.client.list(Pod, {})).items;
    for (const { metadata } of pods) await cluster.client.delete(Pod, metadata);
    await cluster.world.advance(60_000);
    assert.deepEqual([(await cluster.client.list(Pod, {})).items, await runtime.listPodSandboxes()], [[], []]);
    return pods.map(
      ({ metadata, status }) => `${metadata.name} ${status?.phase} ${status?.containerStatuses?.[0]?.restartCount}`,
    );
  };
  assert.deepEqual(await run(), await run());
});

test('[NOD154] an agent that is ended leaves no timer behind, and its node as it was', async () => {
  await using cluster = await aNodeCluster();
  const ending = new AbortController();
  const { signal } = ending;
  const before = cluster.world.pendingTimers();
  await anAgent(cluster, { signal, informers: createInformers({ ...cluster, signal }) });
  await createPod(cluster);
  await cluster.world.advance(5_000);
  ending.abort();
  await cluster.world.settle();
  const left = cluster.world.pendingTimers() - before;
  assert.equal((await cluster.client.get(Node, { name: 'node-1' })).status?.phase, undefined);
  assert.equal(left, 0);
});

test('[NOD186] a pod of a runtime class runs by the handler of that class, and waits while there is none', async () => {
  await using cluster = await aNodeCluster();
  const runtime = createHollowRuntime({ world: cluster.world, podCidr: '198.18.1.0/24' });
  const handlers: (string | undefined)[] = [];
  const watched = new Proxy(runtime, {
    get: (target, key) =>
      key === 'runPodSandbox'
        ? (...[config, signal]: Parameters<typeof runtime.runPodSandbox>) => {
            handlers.push(config.runtimeHandler);
            return target.runPodSandbox(config, signal);
          }
        : Reflect.get(target, key, target),
  });
  await anAgent(cluster, { runtime: watched });
  const define = () => cluster.client.create(RuntimeClass, { metadata: { name: 'sandboxed' }, handler: 'kata' });
  await define();
  await createPod(cluster, { runtimeClassName: 'sandboxed', nodeName: '' });
  await cluster.client.delete(RuntimeClass, { name: 'sandboxed' });
  const body = { metadata: { name: REF.name }, target: { kind: 'Node', name: 'node-1' } };
  await cluster.client.createSubresource(Pod, { ref: REF, subresource: 'binding', body });
  await cluster.world.advance(5_000);
  assert.match(
    (await events(cluster)).join('\n'),
    /failed to get RuntimeHandler for RuntimeClass "sandboxed": .* not found/,
  );
  await define();
  await cluster.world.advance(30_000);
  assert.deepEqual([(await read(cluster)).status?.phase, handlers], ['Running', ['kata']]);
});
