/** Who is asking: what a connection and its headers say, and the chain of ways to believe it. */
import { ApiError } from '#api/errors';
import type { UserInfo } from '#api/request';

/** What TLS tells about the other side. */
export type Peer = {
  /** Its network address. */
  readonly address?: string;
  /** The subject of a certificate that the cluster's authority signed. */
  readonly certificate?: {
    readonly commonName: string;
    readonly organizations: readonly string[];
    /** SHA-256 of the whole certificate, in hexadecimal digits. */
    readonly fingerprint: string;
  };
  /** A certificate was shown that the authority did not sign or that has expired. */
  readonly refused?: true;
};

export type Credentials = { readonly peer: Peer; readonly bearer?: string };

/** Undefined when these credentials are none of its business. Throws `Unauthorized` for bad ones. */
export type Authenticator = (credentials: Credentials) => UserInfo | undefined | Promise<UserInfo | undefined>;

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const AUTHENTICATED = 'system:authenticated';

/** The first authenticator that knows the credentials wins; nobody's credentials are anonymous, bad ones are refused. */
export async function authenticate(
  authenticators: readonly Authenticator[],
  credentials: Credentials,
): Promise<UserInfo> {
  for (const authenticator of authenticators) {
    const user = await authenticator(credentials);
    if (user !== undefined) return { ...user, groups: [...user.groups, AUTHENTICATED] };
  }
  if (credentials.bearer !== undefined || credentials.peer.refused === true) throw unauthorized();
  return ANONYMOUS;
}

/** Whom the first of `authenticators` that knows the token takes it for; undefined for nobody. */
export async function authenticateToken(
  authenticators: readonly Authenticator[],
  bearer: string,
): Promise<UserInfo | undefined> {
  for (const authenticator of authenticators) {
    const user = await authenticator({ peer: {}, bearer });
    if (user !== undefined) return user;
  }
  return undefined;
}

const unauthorized = (): ApiError => new ApiError('Unauthorized', 'Unauthorized');
