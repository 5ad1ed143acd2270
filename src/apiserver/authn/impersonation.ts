/** Acting as somebody else (`kubectl --as`): allowed only to those who may, refused rather than ignored. */
import type { IncomingHttpHeaders } from 'node:http';
import { badRequestError } from '#api/errors';
import type { UserInfo } from '#api/request';
import { type Authorizer, requireAllowed, type ResourceAttributes } from '../authz/authorizer.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const EXTRA_PREFIX = 'impersonate-extra-';
const USER_GROUP = 'authentication.k8s.io';
const ANONYMOUS = 'system:anonymous';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';

type Wanted = {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
};

/** The user whose rights count from here on. */
export async function impersonated(
  user: UserInfo,
  headers: IncomingHttpHeaders,
  authorize: Authorizer,
): Promise<UserInfo> {
  const wanted = wantedUser(headers);
  if (wanted === undefined) return user;
  for (const attributes of neededRights(wanted)) {
    await requireAllowed(authorize, { user, verb: 'impersonate', version: 'v1', ...attributes });
  }
  return { ...wanted, groups: withCommonGroup(wanted.name, groupsOf(wanted)) };
}

/** Everybody with a name is authenticated, and nobody else is. */
function withCommonGroup(name: string, groups: readonly string[]): readonly string[] {
  const common = name === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  return groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED) ? groups : [...groups, common];
}

function wantedUser(headers: IncomingHttpHeaders): Wanted | undefined {
  // Hardly any request has such headers, and every request comes by here.
  if (!asksForSomebodyElse(headers)) return undefined;
  const name = textOf(headers['impersonate-user']);
  const groups = listOf(headers['impersonate-group']);
  const uid = textOf(headers['impersonate-uid']);
  const extra = extraOf(headers);
  const more = {
    ...(uid === undefined ? {} : { uid }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
  if (name !== undefined) return { name, groups, ...more };
  if (groups.length === 0 && Object.keys(more).length === 0) return undefined;
  throw badRequestError('requested impersonation of a group, uid or extra fields without impersonating a user');
}

function asksForSomebodyElse(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

type Right = Pick<ResourceAttributes, 'group' | 'plural' | 'subresource' | 'namespace' | 'name'>;

function neededRights({ name, groups, uid, extra = {} }: Wanted): readonly Right[] {
  const account = SERVICE_ACCOUNT.exec(name);
  const extras = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) => ({ group: USER_GROUP, plural: 'userextras', subresource: key, name: value })),
  );
  return [
    account === null
      ? { group: '', plural: 'users', name }
      : { group: '', plural: 'serviceaccounts', namespace: account[1], name: account[2] },
    ...groups.map((group) => ({ group: '', plural: 'groups', name: group })),
    ...(uid === undefined ? [] : [{ group: USER_GROUP, plural: 'uids', name: uid }]),
    ...extras,
  ];
}

/** A service account is in its own groups unless others are asked for. */
function groupsOf({ name, groups }: Wanted): readonly string[] {
  const namespace = SERVICE_ACCOUNT.exec(name)?.[1];
  if (namespace === undefined || groups.length > 0) return groups;
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

function extraOf(headers: IncomingHttpHeaders): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(headers)
    .filter(([header]) => header.startsWith(EXTRA_PREFIX))
    .map(([header, value]) => [unescape(header.slice(EXTRA_PREFIX.length)), listOf(value)]);
}

function unescape(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    throw badRequestError(`invalid escape in header ${EXTRA_PREFIX}${key}`);
  }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

// Node joins repeated headers it does not know with a comma.
function listOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : value.split(',')).map((part) => part.trim());
}
