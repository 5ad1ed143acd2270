/** The floor of starting a pod: the three calls to containerd that cannot be left out, made directly. */
import { aContainer, aSandbox } from '#test/builders/runtime';
import { BUSYBOX_IMAGE, startContainerdFixture } from '#test/e2e/containerd-fixture';

export interface CriFloor extends AsyncDisposable {
  /** How long a pod of that name takes until its container has started; it is removed again after that. */
  podMs(name: string): Promise<number>;
}

export async function startCriFloor(): Promise<CriFloor> {
  const fixture = await startContainerdFixture();
  const { runtime, cgroup, folder } = fixture;
  return {
    async podMs(name) {
      const sandbox = aSandbox(name, { logDirectory: `${folder}/logs`, cgroup });
      const startMs = performance.now();
      const sandboxId = await runtime.runPodSandbox(sandbox);
      const container = aContainer('main', BUSYBOX_IMAGE);
      const id = await runtime.createContainer({ sandboxId, sandbox, container });
      await runtime.startContainer(id);
      const tookMs = performance.now() - startMs;
      await runtime.stopContainer(id, 0);
      await runtime.stopPodSandbox(sandboxId);
      await runtime.removePodSandbox(sandboxId);
      return tookMs;
    },
    [Symbol.asyncDispose]: () => fixture.stop(),
  };
}
