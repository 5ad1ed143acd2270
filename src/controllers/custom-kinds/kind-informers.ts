/** Informers whose custom kinds can go again: each has a stream of its own that ends with the kind. */
import type { ApiObject } from '#api/object';
import type { ResourceDefinition, ResourceType } from '#api/resource';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Informer, Informers } from '#client/informer';
import { createInformers } from '#client/informers';
import { kindName } from '#client/observing-client';
import { abortScope, type AbortScope } from '#base/abort';

export type KindInformersContext = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

export type KindInformers = Informers &
  Disposable & {
    /** These are the custom kinds from now on: the streams of all others end. */
    keep(custom: readonly ResourceDefinition[]): void;
  };

type Own = { readonly informers: Informers; readonly scope: AbortScope };

export function kindInformers({ informers, ...context }: KindInformersContext): KindInformers {
  const own = new Map<string, Own>();
  const of = (type: ResourceType): Informers => own.get(kindName(type))?.informers ?? informers;
  const end = (names: Iterable<string>): void => {
    for (const name of names) {
      own.get(name)?.scope[Symbol.dispose]();
      own.delete(name);
    }
  };
  return {
    for: <T extends ApiObject>(type: ResourceType<T>): Informer<T> => of(type as unknown as ResourceType).for(type),
    filtered: (type, filter) => of(type as unknown as ResourceType).filtered(type, filter),
    synced: async () => {
      await Promise.all([informers.synced(), ...[...own.values()].map((each) => each.informers.synced())]);
    },
    keep(custom) {
      const names = new Set(custom.map(kindName));
      end([...own.keys()].filter((name) => !names.has(name)));
      for (const name of names) {
        if (own.has(name)) continue;
        const scope = abortScope(context.signal);
        own.set(name, { scope, informers: createInformers({ ...context, signal: scope.signal }) });
      }
    },
    [Symbol.dispose]: () => end([...own.keys()]),
  };
}
