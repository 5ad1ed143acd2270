/** The `continue` token of a paged list: the revision all pages are read at, and where the next page starts. */
import { badRequestError } from '#api/errors';

export type ContinueToken = {
  /** Absent: whatever is newest, for a client that knows that its pages do not belong together. */
  readonly revision?: number;
  readonly after: string;
};

const FORMAT = 'meta.k8s.io/v1';
// As upstream says it in the token.
const NEWEST = -1;

/** `after` is the last key of the page, without the prefix that the next request will have as well. */
export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: FORMAT, rv: revision ?? NEWEST, start: after })).toString('base64url');
}

export function decodeContinue(token: string): ContinueToken {
  const { v, rv, start } = parse(token);
  if (v !== FORMAT || typeof rv !== 'number' || typeof start !== 'string') throw invalidToken();
  if (rv === NEWEST) return { after: start };
  if (!Number.isSafeInteger(rv) || rv <= 0) throw invalidToken();
  return { revision: rv, after: start };
}

function parse(token: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    throw invalidToken();
  }
}

const invalidToken = (): Error => badRequestError('continue key is not valid');
