/** Runs what looks at all kinds there are, and starts it anew when users define a kind or remove one. */
import { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import { definedKinds } from '#api/extensions/defined-kinds';
import type { ResourceDefinition } from '#api/resource';
import { abortScope, isAbortOf, unlessAborted } from '#base/abort';
import type { World } from '#base/world';
import type { Informers } from '#client/informer';
import { kindInformers, type KindInformersContext } from './kind-informers.ts';
import { signatureOf } from './signature.ts';

// A chart may bring dozens of definitions: they are looked at together.
const PAUSE_MS = 1000;

export type ForKinds = KindInformersContext & {
  readonly kinds: readonly ResourceDefinition[];
  readonly world: World;
  readonly signal: AbortSignal;
};

export type KindRun = {
  readonly kinds: readonly ResourceDefinition[];
  readonly informers: Informers;
  /** Ends when there are other kinds. */
  readonly signal: AbortSignal;
};

/** Runs until the signal aborts; resolves when the last run has ended. */
export async function runForKinds(options: ForKinds, run: (current: KindRun) => Promise<void>): Promise<void> {
  const { kinds, signal } = options;
  const definitions = options.informers.for(CustomResourceDefinition);
  using own = kindInformers(options);
  try {
    await unlessAborted(definitions.synced, signal);
    while (!signal.aborted) {
      const custom = definedKinds(definitions.list());
      own.keep(custom);
      using scope = abortScope(signal);
      const running = run({ kinds: [...kinds, ...custom], informers: own, signal: scope.signal });
      try {
        await Promise.race([running, otherKinds(options, signatureOf(custom))]);
      } finally {
        scope.abort(new DOMException('There are other kinds', 'AbortError'));
        await running;
      }
    }
  } catch (error) {
    if (!isAbortOf(error, signal)) throw error;
  }
}

/** Resolves when the definitions make other kinds than those of `signature`, and have been left alone for a moment. */
async function otherKinds({ informers, world, signal }: ForKinds, signature: string): Promise<void> {
  const definitions = informers.for(CustomResourceDefinition);
  const { promise, resolve } = Promise.withResolvers<void>();
  using _subscription = definitions.subscribe(() => {
    if (signatureOf(definedKinds(definitions.list())) !== signature) resolve();
  });
  await unlessAborted(promise, signal);
  await world.clock.sleep(PAUSE_MS, signal);
}
