/** TokenReview: whose token is this, and is it meant for me? */
import { badRequestError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type * as authentication from '#api/types/authentication-v1';
import type { VirtualResource } from '../../registry/resources.ts';
import { type Authenticator, authenticateToken } from '../authentication.ts';
import { type TokenAuthority, TokenError } from './token-authority.ts';

type Status = authentication.TokenReviewStatus;

const UNKNOWN: Status = { user: {}, error: 'invalid bearer token' };

/** `others`: ways to believe a token that says nothing of whom it is meant for. */
export function tokenReviews(tokens: TokenAuthority, others: readonly Authenticator[]): VirtualResource {
  return {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenReview',
    plural: 'tokenreviews',
    singular: 'tokenreview',
    namespaced: false,
    verbs: ['create'],
    shortNames: [],
    async handle({ body }) {
      const sent = body as authentication.TokenReview;
      const { token, audiences = [] } = sent.spec;
      if (token === '') throw badRequestError('token is required for TokenReview in authentication');
      const wanted = audiences.length === 0 ? [tokens.issuer] : audiences;
      const status = (await ofAccount(tokens, token, wanted)) ?? (await ofOthers(others, token)) ?? UNKNOWN;
      const object = { ...sent, apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status };
      return { type: 'object', status: 201, object: object as ApiObject };
    },
  };
}

async function ofAccount(
  tokens: TokenAuthority,
  token: string,
  audiences: readonly string[],
): Promise<Status | undefined> {
  try {
    const verified = await tokens.verify(token, audiences);
    if (verified === undefined) return undefined;
    return { authenticated: true, user: userOf(verified.user), audiences: verified.audiences };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { user: {}, error: `[invalid bearer token, ${error.message}]` };
  }
}

async function ofOthers(others: readonly Authenticator[], token: string): Promise<Status | undefined> {
  const user = await authenticateToken(others, token);
  return user === undefined ? undefined : { authenticated: true, user: userOf(user) };
}

function userOf({ name, uid, groups, extra }: Awaited<ReturnType<Authenticator>> & object): authentication.UserInfo {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups, 'system:authenticated'],
    ...(extra === undefined ? {} : { extra }),
  };
}
