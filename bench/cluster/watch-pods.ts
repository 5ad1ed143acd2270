/** One watch on all pods, which tells when a pod runs and when it is gone. */
import { Pod } from '#api/core/pod';
import type { Client } from '#client/client';
import { errorMessage } from '#base/errors';

const PATIENCE_MS = 60_000;

export interface PodWatch extends AsyncDisposable {
  /** Milliseconds from calling `create` until the watch says that the pod of that name is Running. */
  untilRunning(name: string, create: (name: string) => Promise<unknown>): Promise<number>;
  untilGone(name: string): Promise<void>;
}

type Awaited = { readonly name: string; readonly what: 'Running' | 'gone'; readonly happened: () => void };

export async function watchPods(client: Client): Promise<PodWatch> {
  const watching = new AbortController();
  const { resourceVersion } = await client.list(Pod, { namespace: 'default' });
  const gone = new Set<string>();
  let awaited: readonly Awaited[] = [];
  const reach = (name: string, what: Awaited['what']): void => {
    for (const each of awaited) if (each.name === name && each.what === what) each.happened();
  };
  const ended = (async () => {
    const events = client.watch(Pod, { namespace: 'default', resourceVersion, signal: watching.signal });
    for await (const batch of events) {
      for (const { type, object } of batch) {
        const { name } = object.metadata;
        if (type === 'DELETED') gone.add(name);
        if (type === 'DELETED') reach(name, 'gone');
        else if (object.status?.phase === 'Running') reach(name, 'Running');
      }
    }
  })().catch((error: unknown) => {
    if (!watching.signal.aborted) process.stderr.write(`bench: the watch ended: ${errorMessage(error)}\n`);
  });

  async function wait(wanted: Awaited, begin: (name: string) => Promise<unknown>): Promise<void> {
    const { name, what } = wanted;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const happened = (): void => {
      wanted.happened();
      resolve();
    };
    const entry: Awaited = { name, what, happened };
    awaited = [...awaited, entry];
    const impatience = setTimeout(
      () => reject(new Error(`Cannot go on: pod "${name}" is not ${what} after ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
    try {
      await Promise.all([promise, begin(name)]);
    } finally {
      clearTimeout(impatience);
      awaited = awaited.filter((each) => each !== entry);
    }
  }

  return {
    async untilRunning(name, create) {
      const startMs = performance.now();
      let runningMs = startMs;
      await wait({ name, what: 'Running', happened: () => void (runningMs = performance.now()) }, create);
      return runningMs - startMs;
    },
    async untilGone(name) {
      if (!gone.has(name)) await wait({ name, what: 'gone', happened: () => undefined }, async () => undefined);
    },
    async [Symbol.asyncDispose]() {
      watching.abort();
      await ended;
    },
  };
}
