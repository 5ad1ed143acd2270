/** Tells what an expression yields as far as that shows before it runs. */
import type { Expression } from './ast.ts';
import { typeNameOf } from './values.ts';

const OF_CALLS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    [
      'bool',
      '! == != < <= > >= in startsWith endsWith contains matches isQuantity isSemver isInteger hasValue isSorted',
    ],
    ['bool', 'isGreaterThan isLessThan'],
    ['int', 'int size indexOf lastIndexOf compareTo sign asInteger major minor patch'],
    ['string', 'string lowerAscii upperAscii replace substring trim join charAt'],
    ['double', 'double asApproximateFloat'],
    ['uint', 'uint'],
    ['bytes', 'bytes'],
    ['list', 'split'],
  ].flatMap(([type = '', names = '']) => names.split(' ').map((name) => [name, type])),
);

export function resultTypeOf(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return typeNameOf(expression.value);
    case 'both':
    case 'either':
    case 'has':
      return 'bool';
    case 'list':
    case 'map':
      return expression.kind;
    case 'choice': {
      const [met, otherwise] = [resultTypeOf(expression.met), resultTypeOf(expression.otherwise)];
      return met === otherwise ? met : 'dyn';
    }
    case 'fold':
      return expression.name === 'map' || expression.name === 'filter' ? 'list' : 'bool';
    case 'bind':
      return resultTypeOf(expression.body);
    case 'call':
      return typeOfCall(expression.name, expression.parameters);
    case 'name':
    case 'select':
    case 'index':
      return 'dyn';
  }
}

/** Sums and products have the type of their parts. */
function typeOfCall(name: string, parameters: readonly Expression[]): string {
  if (!'+-*/%'.includes(name) && name !== 'negate') return OF_CALLS[name] ?? 'dyn';
  const [first = 'dyn', ...others] = parameters.map(resultTypeOf);
  return others.every((type) => type === first) ? first : 'dyn';
}
