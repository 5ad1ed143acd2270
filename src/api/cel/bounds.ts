/** How large values can be at most: characters of a text, items of a list, entries of a map. */
import type { CelType } from './types.ts';

export type Bound = {
  readonly max: number;
  /** At least; of what is written down. */
  readonly min?: number;
  readonly keys?: Bound;
  /** Of a list, or the values of a map. */
  readonly items?: Bound;
  readonly fields?: Readonly<Record<string, Bound>>;
};

export const UNBOUNDED: Bound = { max: Number.POSITIVE_INFINITY };
export const ONE: Bound = { max: 1 };
export const NONE: Bound = { max: 0 };

const SCALARS = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'null_type',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
]);

export function boundOfType({ name }: CelType): Bound {
  return SCALARS.has(name) ? ONE : UNBOUNDED;
}

/** Either of them. */
export function larger(left: Bound, right: Bound): Bound {
  return {
    max: Math.max(left.max, right.max),
    ...(left.keys && right.keys ? { keys: larger(left.keys, right.keys) } : {}),
    ...(left.items && right.items ? { items: larger(left.items, right.items) } : {}),
  };
}
