/** Sums up how long single operations took. */
import type { Spread } from './suite.ts';

export function spreadOf(latenciesMs: readonly number[]): Spread {
  const ordered = latenciesMs.toSorted((left, right) => left - right);
  const at = (share: number): number => ordered[Math.ceil(share * ordered.length) - 1] ?? 0;
  return { min: ordered[0] ?? 0, p50: at(0.5), p99: at(0.99) };
}
