/** Signs the tokens of service accounts and says whose a token is, for as long as what it is bound to exists. */
import { CompactSign, compactVerify, errors, exportJWK } from 'jose';
import { parseTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';
import type { UserInfo } from '#api/request';
import { Recent } from '#base/recent';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import type { SigningKey } from '../../pki/signing-key.ts';
import { type Claims, userOfClaims } from './claims.ts';

export type TokenAuthorityOptions = {
  readonly store: Store;
  readonly world: World;
  readonly key: SigningKey;
  /** The URL that tokens name as their origin, and whose audience the API server is. */
  readonly issuer: string;
};

export type Verified = { readonly user: UserInfo; readonly audiences: readonly string[] };

/** A token of ours that does not count (any more). */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

const ALGORITHM = 'ES256';
// Clocks differ, and what is being deleted needs its token to finish.
const LEEWAY_SECONDS = 60;
// Whoever calls again and again does so with the same token.
const REMEMBERED = 10_000;

export class TokenAuthority {
  readonly issuer: string;
  readonly #options: TokenAuthorityOptions;
  readonly #verified = new Recent<string, Claims>(REMEMBERED);

  constructor(options: TokenAuthorityOptions) {
    this.#options = options;
    this.issuer = options.issuer;
  }

  async sign(claims: Claims): Promise<string> {
    const { id, privateKey } = this.#options.key;
    const payload = new TextEncoder().encode(JSON.stringify(claims));
    return await new CompactSign(payload).setProtectedHeader({ alg: ALGORITHM, kid: id }).sign(privateKey);
  }

  /** Undefined when it is no token of ours. Throws `TokenError`. */
  async verify(token: string, audiences: readonly string[] = [this.issuer]): Promise<Verified | undefined> {
    if (issuerOf(token) !== this.issuer) return undefined;
    const claims = await this.#claimsOf(token);
    this.#requireCurrent(claims);
    const meant = audiences.filter((audience) => claims.aud.includes(audience));
    if (meant.length === 0) {
      throw new TokenError(
        `token audiences ${list(claims.aud)} is invalid for the target audiences ${list(audiences)}`,
      );
    }
    requireExisting(this.#options, claims);
    return { user: userOfClaims(claims), audiences: meant };
  }

  /** The public half of the key, as verifiers elsewhere read it. */
  async keySet(): Promise<object> {
    const { publicKey, id } = this.#options.key;
    return { keys: [{ use: 'sig', kid: id, alg: ALGORITHM, ...(await exportJWK(publicKey)) }] };
  }

  async #claimsOf(token: string): Promise<Claims> {
    const known = this.#verified.get(token);
    if (known !== undefined) return known;
    try {
      const { payload } = await compactVerify(token, this.#options.key.publicKey, { algorithms: [ALGORITHM] });
      const claims = JSON.parse(new TextDecoder().decode(payload)) as Claims;
      this.#verified.set(token, claims);
      return claims;
    } catch (cause) {
      if (cause instanceof errors.JOSEError) throw new TokenError('invalid bearer token', { cause });
      throw cause;
    }
  }

  #requireCurrent({ exp, nbf }: Claims): void {
    const now = this.#options.world.clock.now() / 1000;
    if (now > exp + LEEWAY_SECONDS) throw new TokenError('service account token has expired');
    if (now < nbf - LEEWAY_SECONDS) throw new TokenError('service account token is not valid yet');
  }
}

const list = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;

/** Read before the signature is checked: it only says whose token it claims to be. */
function issuerOf(token: string): string | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'iss' in claims ? String(claims.iss) : undefined;
  } catch {
    return undefined; // some other kind of token
  }
}

type Existing = Pick<TokenAuthorityOptions, 'store' | 'world'>;

function requireExisting(options: Existing, { 'kubernetes.io': about }: Claims): void {
  const { namespace, serviceaccount, pod, secret, node } = about;
  const account = lookUp(options, `/core/serviceaccounts/${namespace}/${serviceaccount.name}`);
  if (account === 'deleted')
    throw new TokenError(`service account ${namespace}/${serviceaccount.name} has been deleted`);
  if (account.metadata.uid !== serviceaccount.uid) {
    const [has, claimed] = [account.metadata.uid, serviceaccount.uid];
    throw new TokenError(`service account UID (${has}) does not match claim (${claimed})`);
  }
  if (secret !== undefined) requireSame(options, `/core/secrets/${namespace}/${secret.name}`, secret.uid);
  if (pod !== undefined) requireSame(options, `/core/pods/${namespace}/${pod.name}`, pod.uid);
  // A pod's token lives as long as the pod, whatever becomes of the node's object.
  else if (node !== undefined) requireSame(options, `/core/nodes/${node.name}`, node.uid);
}

function requireSame(options: Existing, key: string, uid: string | undefined): void {
  const found = lookUp(options, key);
  if (found === 'deleted' || found.metadata.uid !== uid) {
    throw new TokenError('service account token has been invalidated');
  }
}

function lookUp({ store, world }: Existing, key: string): ApiObject | 'deleted' {
  const found = store.get(key) as ApiObject | undefined;
  if (found === undefined) return 'deleted';
  const since = parseTime(found.metadata.deletionTimestamp);
  return since !== undefined && since < world.clock.now() - LEEWAY_SECONDS * 1000 ? 'deleted' : found;
}
