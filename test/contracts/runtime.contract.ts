/** What every runtime does, real or simulated; each implementation's own test file runs it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Runtime, RuntimeEvent } from '#node/runtime/runtime';
import { isRuntimeError } from '#node/runtime/runtime-error';
import { aContainer, aSandbox } from '../builders/runtime.ts';

export type RuntimeUnderTest = AsyncDisposable & {
  readonly runtime: Runtime;
  /** Present before the tests start; `sleep 3600` runs in it and ends with SIGKILL at the latest. */
  readonly image: string;
  readonly place: { readonly logDirectory: string; readonly cgroup: string };
};

export function runtimeContract(name: string, start: () => Promise<RuntimeUnderTest>): void {
  describe(`runtime ${name}`, () => {
    let under: RuntimeUnderTest;
    before(async () => {
      under = await start();
    });
    after(() => under[Symbol.asyncDispose]());

    test('[RUN1] a runtime tells its name and that it is ready', async () => {
      const { name: runtimeName, version } = await under.runtime.version();
      const status = await under.runtime.status();
      assert.notEqual(runtimeName, '');
      assert.notEqual(version, '');
      assert.deepEqual([status.runtime.ready, status.network.ready], [true, true]);
    });

    test('[RUN2] a sandbox is ready with an address of its own, and reported as it was made', async () => {
      const { runtime, place } = under;
      const one = aSandbox('two-a', place, { labels: { app: 'a' }, annotations: { note: 'b' } });
      const ids = [await runtime.runPodSandbox(one), await runtime.runPodSandbox(aSandbox('two-b', place))];
      const [first, second] = await Promise.all(ids.map((id) => runtime.podSandboxStatus(id)));
      assert.equal(first?.state, 'Ready');
      assert.deepEqual([first.metadata, first.labels, first.annotations], [one.metadata, one.labels, one.annotations]);
      assert.equal(first.ips.length, 1);
      assert.notDeepEqual(first.ips, second?.ips);
      const listed = await runtime.listPodSandboxes();
      assert.deepEqual(
        ids.filter((id) => listed.some((sandbox) => sandbox.id === id)),
        ids,
      );
      await Promise.all(ids.map((id) => endSandbox(runtime, id)));
    });

    test('[RUN3] a sandbox cannot be made twice with one attempt, and can with the next', async () => {
      const { runtime, place } = under;
      const config = aSandbox('three', place);
      const id = await runtime.runPodSandbox(config);
      await assert.rejects(runtime.runPodSandbox(config), (error) => isRuntimeError(error, 'AlreadyExists'));
      const next = await runtime.runPodSandbox({ ...config, metadata: { ...config.metadata, attempt: 1 } });
      await endSandbox(runtime, id);
      assert.equal((await runtime.podSandboxStatus(next)).state, 'Ready');
      await endSandbox(runtime, next);
    });

    test('[RUN4] a container is created, runs, is stopped and removed, and its status says so each time', async () => {
      await using pod = await aPod(under, 'four');
      const container = aContainer('main', under.image, { labels: { app: 'a' }, annotations: { note: 'b' } });
      const id = await pod.create(container);
      const created = await under.runtime.containerStatus(id);
      assert.deepEqual(
        [created.state, created.sandboxId, created.metadata, created.labels, created.annotations, created.image],
        ['Created', pod.id, container.metadata, container.labels, container.annotations, container.image],
      );
      assert.deepEqual(
        [created.startedAtMs, created.finishedAtMs, created.exitCode],
        [undefined, undefined, undefined],
      );
      await under.runtime.startContainer(id);
      const running = await under.runtime.containerStatus(id);
      assert.equal(running.state, 'Running');
      assert.ok((running.startedAtMs ?? 0) >= running.createdAtMs);
      await under.runtime.stopContainer(id, 0);
      const exited = await under.runtime.containerStatus(id);
      assert.deepEqual([exited.state, exited.exitCode, exited.reason], ['Exited', 137, 'Error']);
      assert.ok((exited.finishedAtMs ?? 0) >= (exited.startedAtMs ?? Infinity));
      await under.runtime.removeContainer(id);
      await assert.rejects(under.runtime.containerStatus(id), (error) => isRuntimeError(error, 'NotFound'));
      assert.ok(!(await under.runtime.listContainers()).some((listed) => listed.id === id));
    });

    test('[RUN5] stopping and removing what is gone succeeds; asking about it is NotFound', async () => {
      const { runtime } = under;
      const pod = await aPod(under, 'five');
      const id = await pod.run(aContainer('main', under.image));
      await pod[Symbol.asyncDispose]();
      await runtime.stopContainer(id, 0);
      await runtime.removeContainer(id);
      await runtime.stopPodSandbox(pod.id);
      await runtime.removePodSandbox(pod.id);
      for (const ask of [
        () => runtime.containerStatus(id),
        () => runtime.podSandboxStatus(pod.id),
        () => runtime.startContainer(id),
      ]) {
        await assert.rejects(ask(), (error) => isRuntimeError(error, 'NotFound'));
      }
    });

    test('[RUN6] stopping a sandbox kills its containers; removing it removes them', async () => {
      const { runtime } = under;
      await using pod = await aPod(under, 'six');
      const id = await pod.run(aContainer('main', under.image));
      await runtime.stopPodSandbox(pod.id);
      assert.equal((await runtime.podSandboxStatus(pod.id)).state, 'NotReady');
      assert.equal((await runtime.containerStatus(id)).state, 'Exited');
      await runtime.removePodSandbox(pod.id);
      await assert.rejects(runtime.containerStatus(id), (error) => isRuntimeError(error, 'NotFound'));
    });

    test('[RUN7] events begin with Relist and tell of starts, exits and removals in order; status keeps up with them', async () => {
      const { runtime } = under;
      await using events = await watching(runtime);
      const pod = await aPod(under, 'seven');
      const id = await pod.run(aContainer('main', under.image));
      assert.equal((await events.next(id)).type, 'ContainerStarted');
      await runtime.stopContainer(id, 0);
      const exit = await events.next(id);
      assert.deepEqual([exit.type, exit.type === 'ContainerExited' && exit.exitCode], ['ContainerExited', 137]);
      assert.equal((await runtime.containerStatus(id)).state, 'Exited');
      assert.equal((await runtime.listContainers()).find((listed) => listed.id === id)?.state, 'Exited');
      await pod[Symbol.asyncDispose]();
      assert.equal((await events.next(id)).type, 'ContainerRemoved');
      assert.deepEqual(
        [(await events.next(pod.id)).type, (await events.next(pod.id)).type],
        ['SandboxExited', 'SandboxRemoved'],
      );
    });

    test('[RUN8] two subscriptions both see everything, and one that is aborted ends', async () => {
      const { runtime } = under;
      const [one, two] = [await watching(runtime), await watching(runtime)];
      await using pod = await aPod(under, 'eight');
      const id = await pod.run(aContainer('main', under.image));
      assert.deepEqual(
        [(await one.next(id)).type, (await two.next(id)).type],
        ['ContainerStarted', 'ContainerStarted'],
      );
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
    });

    test('[RUN9] an image that is present is told with its id; one that is not is undefined', async () => {
      const { runtime, image } = under;
      const found = await runtime.imageStatus(image);
      assert.match(found?.id ?? '', /^sha256:/);
      assert.equal((await runtime.imageStatus(found?.id ?? ''))?.id, found?.id);
      assert.ok((await runtime.listImages()).some(({ id }) => id === found?.id));
      assert.equal(await runtime.imageStatus('registry.invalid/none:1'), undefined);
      await runtime.removeImage('registry.invalid/none:1');
    });

    test('[RUN10] an aborted call rejects with the reason of its signal', async () => {
      const { runtime, place } = under;
      const reason = new Error('no longer wanted');
      const config = aSandbox('ten', place);
      await assert.rejects(runtime.runPodSandbox(config, AbortSignal.abort(reason)), reason);
      assert.ok(!(await runtime.listPodSandboxes()).some(({ metadata }) => metadata.name === 'ten'));
    });

    test('[RUN11] stats name each running container of each ready sandbox', async () => {
      await using pod = await aPod(under, 'eleven');
      const id = await pod.run(aContainer('main', under.image));
      const stats = (await under.runtime.stats()).find((sandbox) => sandbox.id === pod.id);
      const own = stats?.containers.find((container) => container.id === id);
      assert.equal(own?.name, 'main');
      assert.ok(own.cpuMicros >= 0 && own.memoryWorkingSetBytes >= 0);
      assert.equal(stats?.metadata.name, 'eleven');
    });
  });
}

export type TestPod = AsyncDisposable & {
  readonly id: string;
  create(container: ReturnType<typeof aContainer>): Promise<string>;
  /** Creates and starts it. */
  run(container: ReturnType<typeof aContainer>): Promise<string>;
};

/** A sandbox that goes away, with all that is in it, when its test ends. */
export async function aPod(
  { runtime, place }: Pick<RuntimeUnderTest, 'runtime' | 'place'>,
  name: string,
  changes: Partial<ReturnType<typeof aSandbox>> = {},
): Promise<TestPod> {
  const sandbox = aSandbox(name, place, changes);
  const sandboxId = await runtime.runPodSandbox(sandbox);
  const create: TestPod['create'] = (container) => runtime.createContainer({ sandboxId, container, sandbox });
  return {
    id: sandboxId,
    create,
    run: async (container) => {
      const id = await create(container);
      await runtime.startContainer(id);
      return id;
    },
    [Symbol.asyncDispose]: () => endSandbox(runtime, sandboxId),
  };
}

async function endSandbox(runtime: Runtime, id: string): Promise<void> {
  await runtime.stopPodSandbox(id);
  await runtime.removePodSandbox(id);
}

type NamedEvent = Exclude<RuntimeEvent, { type: 'Relist' }>;

export type EventWatch = AsyncDisposable & {
  /** The next event about `id`; events about others are passed over. */
  next(id: string): Promise<NamedEvent>;
  /** Resolves with the next `Relist`. */
  relisted(): Promise<void>;
};

/** Resolves once the subscription counts. */
export async function watching(runtime: Runtime): Promise<EventWatch> {
  const controller = new AbortController();
  const seen: RuntimeEvent[] = [];
  let wake = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const event of runtime.events(controller.signal)) {
      seen.push(event);
      wake.resolve();
      wake = Promise.withResolvers();
    }
  })();
  const take = async (matches: (event: RuntimeEvent) => boolean): Promise<RuntimeEvent> => {
    for (;;) {
      const index = seen.findIndex(matches);
      if (index >= 0) return seen.splice(index, 1)[0]!;
      await wake.promise;
    }
  };
  const first = await take(() => true);
  assert.equal(first.type, 'Relist');
  return {
    next: async (id) => (await take((event) => event.type !== 'Relist' && event.id === id)) as NamedEvent,
    relisted: async () => {
      await take((event) => event.type === 'Relist');
    },
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await reading;
    },
  };
}
