/** Reads JSON from strangers: bounded in size and depth, with every key that appears twice in its object. */
import { parseJsonExactly } from '../meta/exact-json.ts';
import { DecodeError } from './decode-error.ts';
import { requireBounded } from './json-bounds.ts';
import { isPlain } from './json-keys.ts';
import { MAX_DEPTH, scanJson } from './json-scan.ts';

/** The largest body upstream accepts. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

// Below this, no text can keep anybody waiting.
const LARGE = 64 * 1024;

export type ParsedJson = {
  readonly value: unknown;
  /** Paths of keys that appear more than once in their object; the last one counts. */
  readonly duplicateFields: readonly string[];
};

/** Throws `DecodeError`, for broken JSON in upstream's words. */
export function parseJson(text: string): ParsedJson {
  if (text.length > MAX_BODY_BYTES) throw new DecodeError(`Request entity too large: limit is ${MAX_BODY_BYTES}`);
  if (!text.isWellFormed()) throw new DecodeError('invalid UTF-16 in string literal: a surrogate stands alone');
  if (text.length > LARGE) requireBounded(text);
  const parsed = parseValid(text);
  if (parsed !== undefined && isPlain(text, parsed.value, MAX_DEPTH)) return { ...parsed, duplicateFields: [] };
  const duplicateFields = scanJson(text);
  return { value: parseJsonExactly(text), duplicateFields };
}

/** Undefined for what is no JSON: what is wrong with it, the scan says in better words. */
function parseValid(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseJsonExactly(text) };
  } catch {
    return undefined;
  }
}
