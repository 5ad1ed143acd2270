/** How programs outside find the key that tokens are checked with: OpenID discovery. */
import type { PathHandler } from '../../http/router.ts';
import type { TokenAuthority } from './token-authority.ts';

const CONFIGURATION = '/.well-known/openid-configuration';
const KEYS = '/openid/v1/jwks';
export const TOKEN_PATHS: readonly string[] = [CONFIGURATION, KEYS];
const CACHE = 'public, max-age=3600';

/** `address`: host and port at which the server is reached. */
export function tokenDiscovery(tokens: TokenAuthority, address: string): PathHandler {
  const configuration = {
    issuer: tokens.issuer,
    jwks_uri: `https://${address}${KEYS}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
  return async (exchange) => {
    const path = exchange.path.replace(/\/$/, '');
    const [type, document] =
      path === CONFIGURATION
        ? ['application/json', configuration]
        : ['application/jwk-set+json', path === KEYS ? await tokens.keySet() : undefined];
    if (document === undefined) return false;
    exchange.respond(200, { 'content-type': type, 'cache-control': CACHE }, Buffer.from(JSON.stringify(document)));
    return true;
  };
}
