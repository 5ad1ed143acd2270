/** Reviews: who am I, and may I? They decide nothing; they tell what would be decided. */
import { badRequestError, invalidError } from '#api/errors';
import { type FieldError, invalid, required } from '#api/meta/field-error';
import type { ApiObject } from '#api/object';
import type { ApiRequest, UserInfo } from '#api/request';
import type * as authorization from '#api/types/authorization-v1';
import type { VirtualResource } from '../registry/resources.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { rulesReview } from './rules-review.ts';
import type { RoleSource } from './stored-roles.ts';

const AUTHORIZATION = 'authorization.k8s.io';

export type Reviewing = { readonly authorize: Authorizer; readonly roles: RoleSource };

export function reviewResources({ authorize, roles }: Reviewing): readonly VirtualResource[] {
  return [
    review('authentication.k8s.io', 'SelfSubjectReview', async ({ user, body }) => ({
      ...(body as ApiObject),
      status: { userInfo: userInfoOf(user) },
    })),
    review(AUTHORIZATION, 'SelfSubjectAccessReview', async ({ user, body }) => {
      const sent = body as authorization.SelfSubjectAccessReview;
      requireValid('SelfSubjectAccessReview', attributeErrors(sent.spec));
      return { ...sent, status: statusOf(await authorize(attributesOf(user, sent.spec))) };
    }),
    review(AUTHORIZATION, 'SubjectAccessReview', async ({ body }) => {
      const sent = body as authorization.SubjectAccessReview;
      requireValid('SubjectAccessReview', [...attributeErrors(sent.spec), ...userErrors(sent.spec)]);
      return { ...sent, status: statusOf(await authorize(attributesOf(reviewedUser(sent.spec), sent.spec))) };
    }),
    {
      ...review(AUTHORIZATION, 'LocalSubjectAccessReview', async ({ body, namespace = '' }) => {
        const sent = body as authorization.LocalSubjectAccessReview;
        requireValid('LocalSubjectAccessReview', localErrors(sent.spec));
        requireSameNamespace(sent.spec, namespace);
        return { ...sent, status: statusOf(await authorize(attributesOf(reviewedUser(sent.spec), sent.spec))) };
      }),
      namespaced: true,
    },
    review(AUTHORIZATION, 'SelfSubjectRulesReview', async ({ user, body }) => {
      const sent = body as authorization.SelfSubjectRulesReview;
      return { ...sent, status: rulesReview(roles(), user, sent.spec.namespace ?? '') };
    }),
  ];
}

type Answer = (request: ApiRequest) => Promise<ApiObject>;

function review(group: string, kind: string, answer: Answer): VirtualResource {
  return {
    group,
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    namespaced: false,
    verbs: ['create'],
    shortNames: [],
    handle: async (request) => {
      const object = { ...(await answer(request)), apiVersion: `${group}/v1`, kind };
      return { type: 'object', status: 201, object };
    },
  };
}

function userInfoOf({ name, uid, groups, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}

function reviewedUser({ user = '', uid, groups = [], extra }: authorization.SubjectAccessReviewSpec): UserInfo {
  return {
    name: user,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

type Spec = Pick<authorization.SelfSubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

function* attributeErrors({ resourceAttributes, nonResourceAttributes }: Spec): Generator<FieldError> {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes';
    yield invalid('spec.nonResourceAttributes', nonResourceAttributes, why);
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    yield required('spec.resourceAttributes', why);
  }
}

function* userErrors({ user = '', groups = [] }: authorization.SubjectAccessReviewSpec): Generator<FieldError> {
  if (user === '' && groups.length === 0)
    yield required('spec.user', 'at least one of user or group must be specified');
}

function* localErrors(spec: authorization.SubjectAccessReviewSpec): Generator<FieldError> {
  yield* attributeErrors(spec);
  yield* userErrors(spec);
  if (spec.nonResourceAttributes === undefined) return;
  yield invalid('spec.nonResourceAttributes', spec.nonResourceAttributes, 'disallowed on this kind of request');
}

function requireSameNamespace({ resourceAttributes }: Spec, namespace: string): void {
  if ((resourceAttributes?.namespace ?? '') === namespace) return;
  throw badRequestError(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
}

function requireValid(kind: string, errors: Iterable<FieldError>): void {
  const found = [...errors];
  if (found.length > 0) throw invalidError({ group: AUTHORIZATION, kind }, '', found);
}

function attributesOf(user: UserInfo, { resourceAttributes, nonResourceAttributes }: Spec): Attributes {
  if (nonResourceAttributes !== undefined) {
    const { verb = '', path = '' } = nonResourceAttributes;
    return { user, verb, path };
  }
  const { verb = '', group = '', version = '', resource = '', ...rest } = resourceAttributes ?? {};
  return {
    user,
    verb,
    group,
    version,
    plural: resource,
    subresource: given(rest.subresource),
    namespace: given(rest.namespace),
    name: given(rest.name),
    fieldSelector: given(rest.fieldSelector?.rawSelector),
  };
}

/** Clients that send everything send empty texts for what they do not mean. */
const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function statusOf({ allowed, reason }: Decision): authorization.SubjectAccessReviewStatus {
  return { allowed, ...(reason === undefined ? {} : { reason }) };
}
