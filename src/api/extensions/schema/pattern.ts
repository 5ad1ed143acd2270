/** Patterns that users wrote, on an engine whose time grows with the text alone: the platform's can be made to hang. */
import { RE2JS } from '@bufbuild/re2';

export type Pattern = { readonly matches: (text: string) => boolean };

const MAX_KEPT = 2000;
const kept = new Map<string, Pattern>();

/** Matches anywhere in the text. Throws `PatternError`. */
export function compilePattern(source: string): Pattern {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const made = compile(source);
  // Definitions come and go: what is not asked for any more must not stay for ever.
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(source, made);
  return made;
}

export class PatternError extends Error {
  override readonly name = 'PatternError';
}

function compile(source: string): Pattern {
  try {
    const expression = new RE2JS(source);
    return { matches: (text) => expression.test(text) };
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : 'unreadable', { cause: error });
  }
}
