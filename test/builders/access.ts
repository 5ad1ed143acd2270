/** A pipeline that decides by roles, with the default ones in place and requests as anybody. */
import { KINDS } from '#api/kinds';
import type { ApiRequest, ApiResult, RequestHandler, UserInfo } from '#api/request';
import { TokenAuthority } from '#apiserver/authn/tokens/token-authority';
import { reconcilePolicies } from '#apiserver/authz/bootstrap/reconcile';
import { bootstrap } from '#apiserver/bootstrap';
import type { SigningKey } from '#apiserver/pki/signing-key';
import { createPipeline, type Pipeline, type PipelineOptions } from '#apiserver/pipeline';
import { virtualWorld, type VirtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import type { Store } from '#store/store';
import { checkedWatches } from './checked-watches.ts';

const AUTHENTICATED = 'system:authenticated';
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export const ADMIN: UserInfo = { name: 'root', groups: ['system:masters', AUTHENTICATED] };
export const aUser = (name: string, ...groups: readonly string[]): UserInfo => ({
  name,
  groups: [...groups, AUTHENTICATED],
});
export const aNodeUser = (node: string): UserInfo => aUser(`system:node:${node}`, 'system:nodes');

type Ask = Partial<ApiRequest> & Pick<ApiRequest, 'verb' | 'plural'>;

export type GuardedApi = AsyncDisposable &
  Pipeline & {
    readonly store: Store;
    readonly world: VirtualWorld;
    readonly handle: RequestHandler;
    /** With a signing key. */
    readonly tokens?: TokenAuthority;
    /** As the administrator unless said otherwise. */
    ask(request: Ask): Promise<ApiResult>;
  };

type Options = Partial<PipelineOptions> & { readonly signingKey?: SigningKey; readonly issuer?: string };

export async function aGuardedApi({ signingKey, issuer = '', ...options }: Options = {}): Promise<GuardedApi> {
  const world = virtualWorld();
  const store = await openStore({ engine: memoryEngine(), world });
  const serviceCidr = '198.18.64.0/20';
  const tokens = signingKey && new TokenAuthority({ store, world, key: signingKey, issuer });
  const ofTokens = tokens === undefined ? {} : { tokens };
  const pipeline = createPipeline({ store, world, kinds: KINDS, serviceCidr, ...ofTokens, ...options });
  const watches = checkedWatches(pipeline.handle, store);
  const { signal } = new AbortController();
  const base = { group: '', version: 'v1', options: {}, user: ADMIN, signal };
  const within = { handle: pipeline.handle, signal };
  const endpoint = { addresses: ['198.18.0.1'], port: 6443 };
  await bootstrap({ ...within, serviceIp: '198.18.64.1', dnsIp: '198.18.64.10', endpoint });
  await reconcilePolicies(within);
  return {
    ...pipeline,
    ...ofTokens,
    handle: watches.handle,
    store,
    world,
    ask: (request) => watches.handle({ ...base, ...request }),
    async [Symbol.asyncDispose]() {
      await watches.finish();
      await store[Symbol.asyncDispose]();
    },
  };
}
