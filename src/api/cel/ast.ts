/** Expressions as they are read. `at` is where each stands in the text, for messages. */
import type { CelValue } from './values.ts';

type Place = { readonly at: number };

export type FoldName = 'all' | 'exists' | 'exists_one' | 'map' | 'filter';

export type Expression = Place &
  (
    | { readonly kind: 'literal'; readonly value: CelValue }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'select'; readonly operand: Expression; readonly field: string; readonly isOptional: boolean }
    /** `has(operand.field)` */
    | { readonly kind: 'has'; readonly operand: Expression; readonly field: string }
    | { readonly kind: 'index'; readonly operand: Expression; readonly index: Expression; readonly isOptional: boolean }
    /** Operators are calls too, under their signs. */
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly target: Expression | undefined;
        readonly parameters: readonly Expression[];
      }
    | { readonly kind: 'both' | 'either'; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: 'choice';
        readonly condition: Expression;
        readonly met: Expression;
        readonly otherwise: Expression;
      }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'map'; readonly entries: readonly (readonly [Expression, Expression])[] }
    | {
        readonly kind: 'fold';
        readonly name: FoldName;
        readonly range: Expression;
        readonly variable: string;
        /** Only what meets it is taken. */
        readonly filter: Expression | undefined;
        readonly body: Expression;
      }
    | { readonly kind: 'bind'; readonly variable: string; readonly value: Expression; readonly body: Expression }
  );
