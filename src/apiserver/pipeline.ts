/** The request pipeline with everything upstream has switched on: what both transports call. */
import type { RequestHandler } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import type { AdmissionPlugin } from './admission/admission.ts';
import { claimResize } from './admission/claim-resize.ts';
import { defaultIngressClass, defaultStorageClass } from './admission/default-class.ts';
import { certificateRequests } from './admission/certificate-requests.ts';
import { defaultTolerationSeconds } from './admission/default-toleration-seconds.ts';
import { limitRanger } from './admission/limit-ranger/limit-ranger.ts';
import { deviceAdminAccess } from './admission/device-admin-access.ts';
import { inUseProtection } from './admission/in-use-protection.ts';
import { namespaceLifecycle } from './admission/namespace-lifecycle.ts';
import { nodeRestriction } from './admission/node-restriction.ts';
import { priority } from './admission/priority.ts';
import { chargeQuotas } from './admission/quota/charge-quotas.ts';
import { roleEscalation } from './admission/role-escalation.ts';
import { runtimeClass } from './admission/runtime-class/runtime-class.ts';
import { serviceAccount } from './admission/service-account.ts';
import type { Authenticator } from './authn/authentication.ts';
import type { TokenAuthority } from './authn/tokens/token-authority.ts';
import { tokenSubresource } from './authn/tokens/token-request.ts';
import { tokenReviews } from './authn/tokens/token-review.ts';
import type { Authorizer } from './authz/authorizer.ts';
import { clusterAuthorizer } from './authz/cluster-authorizer.ts';
import { reviewResources } from './authz/reviews.ts';
import { type RoleSource, storedRoles } from './authz/stored-roles.ts';
import { extensibleTable, type ExtensibleTable } from './extensions/custom-resources.ts';
import { applyPatchDocument } from './registry/apply-patch.ts';
import { bindings } from './registry/bindings.ts';
import { decodeBuiltIn } from './registry/decode.ts';
import { createRegistry } from './registry/registry.ts';
import { resourceTable, type VirtualResource } from './registry/resources.ts';
import { parseAddressRange } from './registry/services/address-range.ts';
import { recordAddresses } from './registry/services/address-records.ts';
import { allocateForServices } from './registry/services/allocate.ts';
import { keepAllocated } from './registry/services/keep-allocated.ts';
import { type SubresourceTable, withSubresources } from './registry/stored-resources.ts';

export type PipelineOptions = {
  readonly store: Store;
  readonly world: World;
  readonly kinds: readonly ResourceDefinition[];
  /** Where cluster IPs come from; its first address is that of the `kubernetes` service, its tenth is kept for DNS. */
  readonly serviceCidr: string;
  readonly virtual?: readonly VirtualResource[];
  readonly authorize?: Authorizer;
  /** Without it service accounts get no tokens. */
  readonly tokens?: TokenAuthority;
  /** Ways to believe other tokens: what reviews of tokens ask besides. */
  readonly tokenAuthenticators?: readonly Authenticator[];
};

export type Pipeline = {
  readonly handle: RequestHandler;
  readonly resources: ExtensibleTable;
  /** Decides for what is not served by `handle`: paths, streams. */
  readonly authorize: Authorizer;
};

const NODE_PORTS = { first: 30_000, last: 32_767 };

export function createPipeline(options: PipelineOptions): Pipeline {
  const { store, world, kinds, serviceCidr, virtual = [] } = options;
  const roles = storedRoles(store);
  const authorize = options.authorize ?? clusterAuthorizer(store, roles);
  const more = subresourcesOf(options);
  const builtIn = resourceTable(
    kinds.map((kind) => withSubresources(kind, more)),
    [...virtual, bindings, ...reviewResources({ authorize, roles }), ...tokenResources(options)],
  );
  const resources = extensibleTable(builtIn, store);
  const ranges = { addresses: parseAddressRange(serviceCidr), ports: NODE_PORTS };
  const handle = createRegistry({
    store,
    world,
    resources,
    authorize,
    admission: admissionOf({ store, world }, { authorize, roles }),
    chargeQuotas: chargeQuotas({ store, world }),
    decode: decodeBuiltIn,
    applyPatch: applyPatchDocument,
    hooks: new Map([['/services', allocateForServices({ store, world }, ranges)]]),
    companions: new Map([['/services', recordAddresses(world)]]),
  });
  return { handle, resources, authorize };
}

function subresourcesOf({ tokens }: PipelineOptions): SubresourceTable {
  return tokens === undefined ? {} : { '/serviceaccounts': [tokenSubresource(tokens)] };
}

function tokenResources({ tokens, tokenAuthenticators = [] }: PipelineOptions): readonly VirtualResource[] {
  return tokens === undefined ? [] : [tokenReviews(tokens, tokenAuthenticators)];
}

type Rights = { readonly authorize: Authorizer; readonly roles: RoleSource };

type Sources = Pick<PipelineOptions, 'store' | 'world'>;

function admissionOf(sources: Sources, { authorize, roles }: Rights): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitRanger(sources.store),
    nodeRestriction,
    serviceAccount(sources),
    priority(sources.store),
    defaultTolerationSeconds,
    runtimeClass(sources.store),
    defaultIngressClass(sources.store),
    defaultStorageClass(sources.store),
    inUseProtection,
    claimResize(sources.store),
    deviceAdminAccess(sources.store),
    keepAllocated,
    certificateRequests(authorize),
    roleEscalation(authorize, roles),
  ];
}
