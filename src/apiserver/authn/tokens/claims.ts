/** What a service account's token says, and who that is. Pure. */
import type { UserInfo } from '#api/request';

type Ref = { readonly name: string; readonly uid?: string };

export type Claims = {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: Ref;
    readonly pod?: Ref;
    readonly secret?: Ref;
    readonly node?: Ref;
    readonly warnafter?: number;
  };
};

const GROUP = 'system:serviceaccounts';
const EXTRA = 'authentication.kubernetes.io';

export const serviceAccountName = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;

export function userOfClaims({ jti, 'kubernetes.io': about }: Claims): UserInfo {
  const { namespace, serviceaccount, pod, node } = about;
  return {
    name: serviceAccountName(namespace, serviceaccount.name),
    ...(serviceaccount.uid === undefined ? {} : { uid: serviceaccount.uid }),
    groups: [GROUP, `${GROUP}:${namespace}`],
    extra: {
      [`${EXTRA}/credential-id`]: [`JTI=${jti}`],
      ...extraOf('node', node),
      ...extraOf('pod', pod),
    },
  };
}

function extraOf(kind: string, ref: Ref | undefined): Readonly<Record<string, readonly string[]>> {
  if (ref === undefined) return {};
  const uid = ref.uid === undefined ? {} : { [`${EXTRA}/${kind}-uid`]: [ref.uid] };
  return { [`${EXTRA}/${kind}-name`]: [ref.name], ...uid };
}
