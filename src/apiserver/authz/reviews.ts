/** Reviews: who am I, and may I? They decide nothing; they tell what would be decided. */
import type { ApiObject } from '#api/object';
import type { ApiRequest, UserInfo } from '#api/request';
import type * as authorization from '#api/types/authorization-v1';
import type { VirtualResource } from '../registry/resources.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';

export function reviewResources(authorize: Authorizer): readonly VirtualResource[] {
  return [
    review('authentication.k8s.io', 'SelfSubjectReview', async ({ user, body }) => ({
      ...(body as ApiObject),
      status: { userInfo: userInfoOf(user) },
    })),
    review('authorization.k8s.io', 'SelfSubjectAccessReview', async ({ user, body }) => {
      const sent = body as authorization.SelfSubjectAccessReview;
      return { ...sent, status: statusOf(await authorize(attributesOf(user, sent.spec))) };
    }),
    review('authorization.k8s.io', 'SubjectAccessReview', async ({ body }) => {
      const sent = body as authorization.SubjectAccessReview;
      return { ...sent, status: statusOf(await authorize(attributesOf(reviewedUser(sent.spec), sent.spec))) };
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
    handle: async (request) => ({ type: 'object', status: 201, object: await answer(request) }),
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
    ...(extra === undefined ? {} : { extra: extra as NonNullable<UserInfo['extra']> }),
  };
}

type Spec = Pick<authorization.SelfSubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

function attributesOf(user: UserInfo, { resourceAttributes, nonResourceAttributes }: Spec): Attributes {
  if (nonResourceAttributes !== undefined) {
    const { verb = '', path = '' } = nonResourceAttributes;
    return { user, verb, path };
  }
  const { verb = '', group = '', version = '', resource = '', subresource, namespace, name } = resourceAttributes ?? {};
  return { user, verb, group, version, plural: resource, subresource, namespace, name };
}

function statusOf({ allowed, reason }: Decision): authorization.SubjectAccessReviewStatus {
  return { allowed, ...(reason === undefined ? {} : { reason }) };
}
