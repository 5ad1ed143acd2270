/** Refuses expressions whose parts lie so deep in one another that working them out would exhaust the stack. */
import type { Expression } from './ast.ts';
import { CelSyntaxError } from './error.ts';

// A chain such as `a + a + a` is as deep as it is long.
const DEEPEST = 1000;

/** Goes down without recursion: what is too deep must not be a danger here either. */
export function assertShallow(expression: Expression, source: string): void {
  const open: { readonly part: Expression; readonly depth: number }[] = [{ part: expression, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { part, depth } = next;
    if (depth > DEEPEST) throw new CelSyntaxError(source, part.at, `expression recursion limit exceeded: ${DEEPEST}`);
    for (const inner of partsOf(part)) open.push({ part: inner, depth: depth + 1 });
  }
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'select':
    case 'has':
      return [expression.operand];
    case 'index':
      return [expression.operand, expression.index];
    case 'call':
      return expression.target === undefined ? expression.parameters : [expression.target, ...expression.parameters];
    case 'both':
    case 'either':
      return [expression.left, expression.right];
    case 'choice':
      return [expression.condition, expression.met, expression.otherwise];
    case 'list':
      return expression.items;
    case 'map':
      return expression.entries.flat();
    case 'fold':
      return [expression.range, expression.body, ...(expression.filter === undefined ? [] : [expression.filter])];
    case 'bind':
      return [expression.value, expression.body];
  }
}
