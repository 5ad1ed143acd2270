/** Refuses texts that are written down where a pattern, a moment or a span of time belongs, and are none. */
import { compilePattern, PatternError } from '../extensions/schema/pattern.ts';
import type { Expression } from './ast.ts';
import { CelError, CelSyntaxError } from './error.ts';
import { TIMES } from './library/times.ts';

type Call = Extract<Expression, { readonly kind: 'call' }>;

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  matches: compilePattern,
  duration: (text) => TIMES['duration']?.([text], () => undefined),
  timestamp: (text) => TIMES['timestamp']?.([text], () => undefined),
};

/** Throws `CelSyntaxError`. */
export function checkLiteral({ name, parameters }: Call, source: string): void {
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  const text = parameters.at(-1);
  if (read === undefined || text?.kind !== 'literal' || typeof text.value !== 'string') return;
  try {
    read(text.value);
  } catch (error) {
    if (error instanceof CelError || error instanceof PatternError)
      throw new CelSyntaxError(source, text.at, `invalid ${name} argument`);
    throw error;
  }
}
