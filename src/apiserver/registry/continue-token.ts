/** The `continue` token of a paged list: the revision all pages are read at, and where the next page starts. */
import { badRequestError } from '#api/errors';
import { DecodeError } from '#api/schema/decode-error';
import { parseJson } from '#api/schema/json-text';

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
  if (v !== FORMAT)
    throw invalidToken(`: server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`);
  if (typeof rv !== 'number' || rv === 0) throw invalidToken(`: incorrect encoded start resourceVersion ${VERSION}`);
  if (typeof start !== 'string' || start === '') throw invalidToken(`: encoded start key empty ${VERSION}`);
  if (rv === NEWEST) return { after: start };
  if (!Number.isSafeInteger(rv) || rv < 0) throw invalidToken('');
  return { revision: rv, after: start };
}

const VERSION = `(version ${FORMAT})`;
const NO_BASE64 = /[^-_A-Za-z0-9]/;

function parse(token: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  const wrong = NO_BASE64.exec(token);
  if (wrong !== null) throw invalidToken(`: illegal base64 data at input byte ${wrong.index}`);
  try {
    const { value } = parseJson(Buffer.from(token, 'base64url').toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    if (error instanceof DecodeError) throw invalidToken(`: ${error.message}`);
    throw error;
  }
}

const invalidToken = (why: string): Error => badRequestError(`invalid continue token: continue key is not valid${why}`);
