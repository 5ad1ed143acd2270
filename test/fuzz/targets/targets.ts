/** All targets, with the server that some of them ask. */
import { KINDS } from '#api/kinds';
import type { ApiRequest, ApiResult } from '#api/request';
import { bodyReader } from '#apiserver/http/body-reader';
import { createPipeline } from '#apiserver/pipeline';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { accountRequest, namespaceRequest } from '../../builders/pipeline.ts';
import type { Target } from '../target.ts';
import { bodyTargets } from './bodies.ts';
import { craftedTarget } from './crafted.ts';
import { patchTargets } from './patches.ts';
import { requestTarget } from './requests.ts';
import { CONFIG_MAP, DEPLOYMENT } from './samples.ts';
import { SCHEMA_TARGET } from './schemas.ts';
import { TEXT_TARGETS } from './texts.ts';

export async function openTargets(): Promise<AsyncDisposable & { readonly targets: readonly Target[] }> {
  const world = virtualWorld();
  const store = await openStore({ engine: memoryEngine(), world });
  const pipeline = createPipeline({
    store,
    world,
    kinds: KINDS,
    serviceCidr: '198.18.64.0/20',
    authorize: () => ({ allowed: true }),
  });
  const closing = new AbortController();
  const { signal } = closing;
  const bodies = bodyReader(world.clock, signal);
  const base = { group: 'apps', version: 'v1', plural: 'deployments', namespace: 'default', options: {}, signal };
  const user = { name: 'root', groups: ['system:masters'] };
  const ask = (request: Partial<ApiRequest>): Promise<ApiResult> =>
    pipeline.handle({ ...base, user, verb: 'get', ...request });
  await ask(namespaceRequest('default'));
  await ask(accountRequest('default'));
  await ask({ verb: 'create', body: DEPLOYMENT.object });
  await ask({ verb: 'create', group: '', plural: 'configmaps', body: CONFIG_MAP.object });
  return {
    targets: [
      ...bodyTargets(bodies),
      craftedTarget(bodies),
      ...TEXT_TARGETS,
      ...patchTargets(ask),
      SCHEMA_TARGET,
      requestTarget(pipeline, { bodies, world }),
    ],
    async [Symbol.asyncDispose]() {
      closing.abort();
      await store[Symbol.asyncDispose]();
    },
  };
}
