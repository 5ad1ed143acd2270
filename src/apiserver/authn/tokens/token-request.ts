/** `serviceaccounts/token`: a new token for a service account, bound to an object if asked. */
import { badRequestError, conflictError, invalidError, notFoundError } from '#api/errors';
import { type FieldError, invalid } from '#api/meta/field-error';
import { formatTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type * as authentication from '#api/types/authentication-v1';
import type * as core from '#api/types/core-v1';
import { nodeNameOf } from '../../authz/node-identity.ts';
import type { RegistryContext } from '../../registry/context.ts';
import { storedObject } from '../../registry/list.ts';
import type { Subresource } from '../../registry/resources.ts';
import { type Claims, serviceAccountName } from './claims.ts';
import { requireOfNode } from './node-token.ts';
import type { TokenAuthority } from './token-authority.ts';

const GROUP = 'authentication.k8s.io';
const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;
// Programs that read their token once and never again keep working: what asks for exactly this lives for a year.
const WARN_ONLY_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

type TokenRequest = Partial<authentication.TokenRequest>;
type Spec = authentication.TokenRequestSpec;

export function tokenSubresource(tokens: TokenAuthority): Subresource {
  return {
    name: 'token',
    type: { group: GROUP, version: 'v1', kind: 'TokenRequest' },
    verbs: ['create'],
    handle: (context, definition, request) => issue(tokens, { context, definition, request }),
  };
}

type Asked = {
  readonly context: RegistryContext;
  readonly definition: ResourceDefinition;
  readonly request: ApiRequest;
};

async function issue(tokens: TokenAuthority, { context, definition, request }: Asked): Promise<ApiResult> {
  const { name = '', namespace = '', user, options } = request;
  const sent = (request.body ?? {}) as TokenRequest;
  const account = storedObject(context, definition, { name, namespace }) as core.ServiceAccount;
  const spec = withDefaults(sent.spec, tokens.issuer);
  requireValid(name, spec);
  const bound = boundTo(context, account, spec);
  const nodeName = nodeNameOf(user);
  if (nodeName !== undefined) requireOfNode({ nodeName, spec: sent.spec ?? {}, account, pod: bound.pod });
  const nowMs = context.world.clock.now();
  const claims = claimsOf({ account, spec, bound, issuer: tokens.issuer, nowMs, id: context.world.newId() });
  const { expirationSeconds = DEFAULT_SECONDS } = spec;
  const status = {
    token: options.dryRun === true ? '' : await tokens.sign(claims),
    expirationTimestamp: formatTime(nowMs + expirationSeconds * 1000),
  };
  const metadata = { ...sent.metadata, name, namespace, creationTimestamp: formatTime(nowMs) };
  const object = { apiVersion: `${GROUP}/v1`, kind: 'TokenRequest', metadata, spec, status };
  return { type: 'object', status: 201, object: object as ApiObject };
}

function withDefaults(spec: Partial<Spec> | undefined, issuer: string): Spec {
  const { audiences = [], expirationSeconds, ...rest } = spec ?? {};
  return {
    ...rest,
    audiences: audiences.length === 0 ? [issuer] : audiences,
    expirationSeconds: expirationSeconds || DEFAULT_SECONDS,
  };
}

function requireValid(name: string, { expirationSeconds = DEFAULT_SECONDS }: Spec): void {
  const errors: FieldError[] = [];
  const field = 'spec.expirationSeconds';
  if (expirationSeconds < LEAST_SECONDS) {
    errors.push(invalid(field, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  }
  if (expirationSeconds > MOST_SECONDS) {
    errors.push(invalid(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (errors.length > 0) throw invalidError({ group: GROUP, kind: 'TokenRequest' }, name, errors);
}

type BoundObjects = { readonly pod?: core.Pod; readonly secret?: core.Secret; readonly node?: core.Node };

function boundTo(context: RegistryContext, account: core.ServiceAccount, { boundObjectRef: ref }: Spec): BoundObjects {
  if (ref === undefined) return {};
  const { apiVersion = '', kind = '', name = '' } = ref;
  const { namespace = '' } = account.metadata;
  const find = <T extends ApiObject>(plural: string, key: string): T => {
    const found = context.store.get(`/core/${plural}/${key}`) as T | undefined;
    if (found === undefined) throw notFoundError({ group: '', plural }, name);
    requireUid(ref, found);
    return found;
  };
  switch (`${apiVersion}/${kind}`) {
    case 'v1/Secret':
      return { secret: find('secrets', `${namespace}/${name}`) };
    case 'v1/Node':
      return { node: find('nodes', name) };
    case 'v1/Pod':
      return boundToPod(context, account, find('pods', `${namespace}/${name}`));
    default:
      throw badRequestError(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
  }
}

function boundToPod({ store }: RegistryContext, account: core.ServiceAccount, pod: core.Pod): BoundObjects {
  requireAccount(pod, account);
  const node = store.get(`/core/nodes/${pod.spec.nodeName ?? ''}`) as core.Node | undefined;
  return { pod, ...(node === undefined ? {} : { node }) };
}

function requireUid({ kind = '', name = '', uid = '' }: authentication.BoundObjectReference, found: ApiObject): void {
  if (uid === '' || uid === found.metadata.uid) return;
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  throw conflictError({ group: '', plural: kind }, name, why);
}

function requireAccount({ spec }: core.Pod, { metadata }: core.ServiceAccount): void {
  const { serviceAccountName: runsAs = '' } = spec;
  if (runsAs === metadata.name) return;
  const asked = JSON.stringify(metadata.name);
  throw badRequestError(
    `cannot bind token for serviceaccount ${asked} to pod running with different serviceaccount name.`,
  );
}

type Facts = {
  readonly account: core.ServiceAccount;
  readonly spec: Spec;
  readonly bound: BoundObjects;
  readonly issuer: string;
  readonly nowMs: number;
  readonly id: string;
};

function claimsOf({ account, spec, bound, issuer, nowMs, id }: Facts): Claims {
  const { namespace = '', name } = account.metadata;
  const { audiences = [], expirationSeconds = DEFAULT_SECONDS } = spec;
  const now = Math.floor(nowMs / 1000);
  const extended = bound.pod !== undefined && expirationSeconds === WARN_ONLY_SECONDS && audiences.includes(issuer);
  return {
    iss: issuer,
    sub: serviceAccountName(namespace, name),
    aud: audiences,
    jti: id,
    iat: now,
    nbf: now,
    exp: now + (extended ? EXTENDED_SECONDS : expirationSeconds),
    'kubernetes.io': {
      namespace,
      ...refsOf(bound),
      serviceaccount: refOf(account),
      ...(extended ? { warnafter: now + expirationSeconds } : {}),
    },
  };
}

function refsOf({ pod, secret, node }: BoundObjects): Partial<Claims['kubernetes.io']> {
  return {
    ...(node === undefined ? {} : { node: refOf(node) }),
    ...(pod === undefined ? {} : { pod: refOf(pod) }),
    ...(secret === undefined ? {} : { secret: refOf(secret) }),
  };
}

function refOf({ metadata: { name, uid } }: ApiObject): { readonly name: string; readonly uid: string } {
  return { name, uid };
}
