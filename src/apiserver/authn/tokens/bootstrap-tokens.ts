/** Users by bootstrap tokens: secrets in `kube-system` that let a new machine introduce itself. */
import { timingSafeEqual } from 'node:crypto';
import { parseTime, TimeError } from '#api/meta/time';
import type { UserInfo } from '#api/request';
import type * as core from '#api/types/core-v1';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import type { Authenticator } from '../authentication.ts';

const FORM = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const TYPE = 'bootstrap.kubernetes.io/token';
const GROUP = 'system:bootstrappers';
const GROUP_FORM = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

type Sources = { readonly store: Store; readonly world: World };

export function bootstrapTokens(sources: Sources): Authenticator {
  return ({ bearer }) => {
    const [, id = '', secret = ''] = FORM.exec(bearer ?? '') ?? [];
    const read = id === '' ? undefined : readerOf(sources, id);
    if (read === undefined || !counts(read, sources)) return undefined;
    return read('token-id') === id && isSame(read('token-secret'), secret) ? userOf(id, read) : undefined;
  };
}

/** Reads the fields of the token's secret. */
type Read = (key: string) => string;

function readerOf({ store }: Sources, id: string): Read | undefined {
  const stored = store.get(`/core/secrets/kube-system/bootstrap-token-${id}`) as core.Secret | undefined;
  if (stored?.type !== TYPE || stored.metadata.deletionTimestamp !== undefined) return undefined;
  return (key) => Buffer.from(stored.data?.[key] ?? '', 'base64').toString();
}

function counts(read: Read, { world }: Sources): boolean {
  return read('usage-bootstrap-authentication') === 'true' && !isOver(read('expiration'), world);
}

function isOver(expiration: string, { clock }: World): boolean {
  if (expiration === '') return false;
  try {
    return parseTime(expiration) <= clock.now();
  } catch (error) {
    if (error instanceof TimeError) return true; // nobody knows until when it is good
    throw error;
  }
}

function isSame(stored: string, sent: string): boolean {
  const [left, right] = [Buffer.from(stored), Buffer.from(sent)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function userOf(id: string, read: Read): UserInfo {
  const extra = read('auth-extra-groups')
    .split(',')
    .filter((group) => GROUP_FORM.test(group));
  return { name: `system:bootstrap:${id}`, groups: [GROUP, ...extra] };
}
