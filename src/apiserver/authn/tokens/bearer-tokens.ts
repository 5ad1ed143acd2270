/** Users by the tokens of their service accounts. */
import { ApiError } from '#api/errors';
import type { Authenticator } from '../authentication.ts';
import { type TokenAuthority, TokenError } from './token-authority.ts';

export function serviceAccountTokens(tokens: TokenAuthority): Authenticator {
  return async ({ bearer }) => {
    if (bearer === undefined) return undefined;
    try {
      return (await tokens.verify(bearer))?.user;
    } catch (cause) {
      // Why a token does not count is for its owner to find out by a review.
      if (cause instanceof TokenError) throw new ApiError('Unauthorized', 'Unauthorized', { cause });
      throw cause;
    }
  };
}
