/** The whole request pipeline with all kinds, and one pod `web` in the namespace `default`. */
import { createPipeline } from '#apiserver/pipeline';
import { KINDS } from '#api/kinds';
import type { ApiRequest, ApiResult } from '#api/request';
import type * as core from '#api/types/core-v1';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { checkedWatches } from './checked-watches.ts';
import { accountRequest, namespaceRequest, objectOf } from './pipeline.ts';

export type PodPipeline = AsyncDisposable & {
  /** Asks for pods unless the request says otherwise. */
  ask(request: Partial<ApiRequest>): Promise<ApiResult>;
  /** Asks for the pod `web`; `get` unless the request says otherwise. */
  web(request?: Partial<ApiRequest>): Promise<core.Pod>;
};

const USER = { name: 'root', groups: ['system:masters'] };

export async function aPodPipeline(spec: Partial<core.PodSpec> = {}): Promise<PodPipeline> {
  const world = virtualWorld();
  const store = await openStore({ engine: memoryEngine(), world });
  const pipeline = createPipeline({ store, world, kinds: KINDS, serviceCidr: '198.18.64.0/20' });
  const watches = checkedWatches(pipeline.handle, store);
  const { handle } = watches;
  const { signal } = new AbortController();
  const base = { group: '', version: 'v1', plural: 'pods', namespace: 'default', options: {}, user: USER, signal };
  const ask = (request: Partial<ApiRequest>): Promise<ApiResult> => handle({ ...base, verb: 'get', ...request });
  await ask(namespaceRequest('default'));
  await ask(accountRequest('default'));
  const containers = [{ name: 'main', image: 'nginx:1.20', resources: {} }];
  await ask({ verb: 'create', body: { metadata: { name: 'web' }, spec: { containers, ...spec } } });
  return {
    ask,
    web: async (request = {}) => objectOf(await ask({ name: 'web', ...request })) as core.Pod,
    async [Symbol.asyncDispose]() {
      await watches.finish();
      await store[Symbol.asyncDispose]();
    },
  };
}
