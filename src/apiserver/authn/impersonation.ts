/** Acting as somebody else (`kubectl --as`): allowed only to those who may, refused rather than ignored. */
import type { IncomingHttpHeaders } from 'node:http';
import { badRequestError } from '#api/errors';
import type { UserInfo } from '#api/request';
import { type Authorizer, requireAllowed } from '../authz/authorizer.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const EXTRA_PREFIX = 'impersonate-extra-';

/** The user whose rights count from here on. */
export async function impersonated(
  user: UserInfo,
  headers: IncomingHttpHeaders,
  authorize: Authorizer,
): Promise<UserInfo> {
  const name = textOf(headers['impersonate-user']);
  const groups = listOf(headers['impersonate-group']);
  const uid = textOf(headers['impersonate-uid']);
  const extra = extraOf(headers);
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && extra.length === 0) return user;
    throw badRequestError('requested impersonation of a group, uid or extra fields without impersonating a user');
  }
  const may = (plural: string, wanted: string): Promise<void> =>
    requireAllowed(authorize, { user, verb: 'impersonate', group: '', version: 'v1', plural, name: wanted });
  const account = SERVICE_ACCOUNT.exec(name);
  if (account === null) await may('users', name);
  else await mayAct(authorize, user, { namespace: account[1] ?? '', name: account[2] ?? '' });
  for (const group of groups) await may('groups', group);
  if (uid !== undefined) await may('uids', uid);
  for (const [key] of extra) await may('userextras', key);
  return {
    name,
    groups: [...(account === null ? groups : groupsOf(account[1] ?? '', groups)), 'system:authenticated'],
    ...(uid === undefined ? {} : { uid }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

type AccountRef = { readonly namespace: string; readonly name: string };

function mayAct(authorize: Authorizer, user: UserInfo, account: AccountRef): Promise<void> {
  return requireAllowed(authorize, {
    user,
    verb: 'impersonate',
    group: '',
    version: 'v1',
    plural: 'serviceaccounts',
    ...account,
  });
}

/** A service account is in these groups unless others are asked for. */
function groupsOf(namespace: string, asked: readonly string[]): readonly string[] {
  return asked.length > 0 ? asked : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

function extraOf(headers: IncomingHttpHeaders): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(headers)
    .filter(([header]) => header.startsWith(EXTRA_PREFIX))
    .map(([header, value]) => [decodeURIComponent(header.slice(EXTRA_PREFIX.length)), listOf(value)]);
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

// Node joins repeated headers it does not know with a comma.
function listOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : value.split(',')).map((part) => part.trim());
}
