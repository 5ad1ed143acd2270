/** The ConfigMaps and Secrets that a node's pods name: each is watched by itself, for as long as a pod needs it. */
import { ConfigMap } from '#api/core/config-map';
import { Secret } from '#api/core/secret';
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import { abortScope, unlessAborted, type AbortScope } from '#base/abort';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Informer } from '#client/informer';
import { createInformers } from '#client/informers';
import type { HeldObjects, ReferencedObjects } from '../pods/agent-context.ts';

export type WatchedObjectsOptions = {
  readonly client: Client;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** An object that these pods hold has changed. */
  readonly onChange: (podUids: readonly string[]) => void;
};

type Watched = {
  readonly informer: Informer<ApiObject>;
  readonly scope: AbortScope;
  readonly holders: Set<string>;
};

export class WatchedObjects implements ReferencedObjects {
  readonly #options: WatchedObjectsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: WatchedObjectsOptions) {
    this.#options = options;
  }

  /** Objects of a namespace on behalf of a pod, which holds what it asked for until it is released. */
  of(podUid: string, namespace: string): HeldObjects {
    const read = async <T extends ApiObject>(
      type: ResourceType<T>,
      name: string,
      signal: AbortSignal,
    ): Promise<T | undefined> => {
      const { informer } = this.#hold(type as ResourceType, { podUid, namespace, name });
      await unlessAborted(informer.synced, signal);
      return informer.get({ namespace, name }) as T | undefined;
    };
    return {
      configMap: (name, signal) => read(ConfigMap, name, signal),
      secret: (name, signal) => read(Secret, name, signal),
    };
  }

  release(podUid: string): void {
    for (const [key, { holders, scope }] of this.#watched) {
      if (!holders.delete(podUid) || holders.size > 0) continue;
      scope.abort();
      this.#watched.delete(key);
    }
  }

  /** How many objects are watched. */
  get size(): number {
    return this.#watched.size;
  }

  #hold(type: ResourceType, { podUid, namespace, name }: Reference): Watched {
    const key = JSON.stringify([type.kind, namespace, name]);
    let watched = this.#watched.get(key);
    if (watched === undefined) {
      watched = this.#watch(type, namespace, name);
      this.#watched.set(key, watched);
    }
    watched.holders.add(podUid);
    return watched;
  }

  #watch(type: ResourceType, namespace: string, name: string): Watched {
    const { client, world, logger, signal, onChange } = this.#options;
    const scope = abortScope(signal);
    const informers = createInformers({ client, world, logger, signal: scope.signal });
    const informer = informers.filtered(type, { namespace, fieldSelector: `metadata.name=${name}` });
    const holders = new Set<string>();
    let first = true;
    void informer.synced.then(
      () => {
        first = false;
      },
      () => undefined, // nobody needs it any more
    );
    // Who has just asked gets what there is; only what comes later is news.
    informer.subscribe(() => {
      if (!first) onChange([...holders]);
    });
    return { informer, scope, holders };
  }
}

type Reference = { readonly podUid: string; readonly namespace: string; readonly name: string };
