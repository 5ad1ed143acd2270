/** Expressions of the Common Expression Language: checked once, then worked out for many values. */
import { checkTypes } from './check.ts';
import { compileExpression } from './compile.ts';
import { assertShallow } from './depth.ts';
import type { CelEnvironment } from './environment.ts';
import { CelError } from './error.ts';
import { worstCost } from './estimate.ts';
import { parseExpression } from './parser.ts';
import { typeText } from './types.ts';
import type { CelValue } from './values.ts';

export type CelProgram = {
  /** What the result is known to be before the expression runs; `dyn` and `any` for what only shows then. */
  readonly resultType: string;
  /** What running it costs at most; endless where that depends on values of any size. */
  readonly worstCost: number;
  /** Throws `CelError`. */
  evaluate(variables: Readonly<Record<string, CelValue>>, costLimit: number): CelValue;
};

/** Throws `CelSyntaxError`. */
export function compileProgram(source: string, environment: CelEnvironment): CelProgram {
  const expression = parseExpression(source);
  assertShallow(expression, source);
  const checked = checkTypes(expression, source, environment);
  const run = compileExpression(expression, { environment });
  return {
    resultType: typeText(checked.type),
    worstCost: worstCost(expression, checked, environment.bounds),
    evaluate(variables, costLimit) {
      let left = costLimit;
      const spend = (cost: number): void => {
        left -= cost;
        if (left < 0) throw new CelError('operation cancelled: actual cost limit exceeded');
      };
      return run({ variables, locals: [], spend });
    },
  };
}
