/** Calls that are no calls: their parameters are not values but say how to look at others. */
import type { Expression, FoldName } from './ast.ts';
import type { CelSyntaxError } from './error.ts';

type Call = Omit<Extract<Expression, { kind: 'call' }>, 'kind'>;
type Complain = (at: number, message: string) => CelSyntaxError;

const FOLDS: Readonly<Record<string, FoldName>> = {
  all: 'all',
  exists: 'exists',
  exists_one: 'exists_one',
  existsOne: 'exists_one',
  map: 'map',
  filter: 'filter',
};

/** Undefined for what is a call after all. */
export function expandMacro(call: Call, complain: Complain): Expression | undefined {
  const { name, target, parameters } = call;
  if (target === undefined) return name === 'has' && parameters.length === 1 ? has(call, complain) : undefined;
  if (isBind(call)) return bind(call, complain);
  const fold = Object.hasOwn(FOLDS, name) ? FOLDS[name] : undefined;
  const takes = fold === 'map' ? [2, 3] : [2];
  return fold !== undefined && takes.includes(parameters.length)
    ? foldOf({ ...call, target }, fold, complain)
    : undefined;
}

function isBind({ name, target, parameters }: Call): boolean {
  return name === 'bind' && target?.kind === 'name' && target.name === 'cel' && parameters.length === 3;
}

function has({ parameters: [parameter], at }: Call, complain: Complain): Expression {
  if (parameter?.kind !== 'select' || parameter.isOptional)
    throw complain(parameter?.at ?? at, 'invalid argument to has() macro');
  return { kind: 'has', operand: parameter.operand, field: parameter.field, at };
}

function bind({ parameters: [variable, value, body], at }: Call, complain: Complain): Expression {
  if (variable?.kind !== 'name' || value === undefined || body === undefined)
    throw complain(variable?.at ?? at, 'cel.bind() variable names must be simple identifiers');
  return { kind: 'bind', variable: variable.name, value, body, at };
}

function foldOf(call: Call & { readonly target: Expression }, name: FoldName, complain: Complain): Expression {
  const { target: range, parameters, at } = call;
  const [variable, second, third] = parameters;
  if (variable?.kind !== 'name' || second === undefined)
    throw complain(variable?.at ?? at, 'argument must be a simple name');
  const [filter, body] = third === undefined ? [undefined, second] : [second, third];
  return { kind: 'fold', name, range, variable: variable.name, filter, body, at };
}
