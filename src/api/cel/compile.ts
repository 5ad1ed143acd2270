/** Turns an expression, whose types were checked, into a function of its variables. */
import type { Expression } from './ast.ts';
import type { CelFunction } from './environment.ts';
import { CelError, noSuchKey, noSuchOverload } from './error.ts';
import { compileFold } from './fold.ts';
import { CelOptional } from './optional.ts';
import { LIST_COST, MAP_COST } from './prices.ts';
import type { Frame, Run, Scope } from './run.ts';
import { CelMap, CelUint, EntriesMap, isList, numberOf, typeNameOf, type CelValue } from './values.ts';

export function compileExpression(expression: Expression, scope: Scope): Run {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'name':
      return nameOf(expression, scope);
    case 'select':
      return selection(expression, scope);
    case 'has':
      return presence(expression, scope);
    case 'index':
      return element(expression, scope);
    case 'call':
      return call(expression, scope);
    case 'fold':
      return compileFold(expression, scope, compileExpression);
    case 'both':
    case 'either':
    case 'choice':
    case 'list':
    case 'map':
    case 'bind':
      return structure(expression, scope);
  }
}

type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;

function structure(expression: Of<'both' | 'either' | 'choice' | 'list' | 'map' | 'bind'>, scope: Scope): Run {
  switch (expression.kind) {
    case 'both':
      return logic(expression, scope, false);
    case 'either':
      return logic(expression, scope, true);
    case 'choice':
      return choice(expression, scope);
    case 'list': {
      const items = expression.items.map((item) => compileExpression(item, scope));
      return (frame) => (frame.spend(LIST_COST), items.map((item) => item(frame)));
    }
    case 'map': {
      const entries = expression.entries.map(
        ([key, value]) => [compileExpression(key, scope), compileExpression(value, scope)] as const,
      );
      return (frame) => (
        frame.spend(MAP_COST),
        new EntriesMap(entries.map(([key, value]) => [key(frame), value(frame)]))
      );
    }
    case 'bind':
      return binding(expression, scope);
  }
}

function nameOf({ name }: Of<'name'>, { names = [] }: Scope): Run {
  const local = names.lastIndexOf(name);
  if (local >= 0) return ({ locals, spend }) => (spend(1), locals[local] ?? null);
  return ({ variables, spend }) => {
    spend(1);
    const value = variables[name];
    if (value === undefined) throw new CelError(`no such attribute(s): ${name}`);
    return value;
  };
}

function selection({ operand, field, isOptional }: Of<'select'>, scope: Scope): Run {
  const of = compileExpression(operand, scope);
  return (frame) => {
    frame.spend(1);
    return look(of(frame), field, isOptional);
  };
}

function element({ operand, index, isOptional }: Of<'index'>, scope: Scope): Run {
  const of = compileExpression(operand, scope);
  const at = compileExpression(index, scope);
  return (frame) => {
    frame.spend(1);
    return look(of(frame), at(frame), isOptional);
  };
}

/** What is looked for in an optional value is optional itself. */
function look(value: CelValue, key: CelValue, isOptional: boolean): CelValue {
  if (value instanceof CelOptional) {
    if (value.value === undefined) return value;
    return look(value.value, key, true);
  }
  const found = find(value, key);
  if (isOptional) return new CelOptional(found);
  if (found === undefined)
    throw isList(value) ? new CelError(`index out of bounds: ${indexOf(key)}`) : noSuchKey(shown(key));
  return found;
}

function shown(key: CelValue): string {
  return typeof key === 'string' ? key : String(numberOf(key) ?? typeNameOf(key));
}

function find(value: CelValue, key: CelValue): CelValue | undefined {
  if (value instanceof CelMap) return value.get(key);
  if (!isList(value)) throw noSuchOverload();
  return value[indexOf(key)];
}

function indexOf(key: CelValue): number {
  const index = key instanceof CelUint ? key.value : key;
  if (typeof index === 'bigint') return Number(index);
  if (typeof index === 'number' && Number.isInteger(index)) return index;
  throw noSuchOverload();
}

function presence({ operand, field }: Of<'has'>, scope: Scope): Run {
  const of = compileExpression(operand, scope);
  return (frame) => {
    frame.spend(1);
    const value = of(frame);
    if (value instanceof CelOptional) return value.value instanceof CelMap && value.value.get(field) !== undefined;
    if (!(value instanceof CelMap)) throw noSuchOverload();
    return value.get(field) !== undefined;
  };
}

/** Either side may decide alone: what fails on the other side then does not matter. */
function logic({ left, right }: Of<'both' | 'either'>, scope: Scope, decisive: boolean): Run {
  const sides = [compileExpression(left, scope), compileExpression(right, scope)] as const;
  return (frame) => {
    const first = attempt(sides[0], frame);
    if (first === decisive) return decisive;
    const second = attempt(sides[1], frame);
    if (second === decisive) return decisive;
    if (first instanceof CelError) throw first;
    if (second instanceof CelError) throw second;
    return !decisive;
  };
}

function attempt(run: Run, frame: Frame): boolean | CelError {
  try {
    const value = run(frame);
    return typeof value === 'boolean' ? value : noSuchOverload();
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

function choice({ condition, met, otherwise }: Of<'choice'>, scope: Scope): Run {
  const [test, yes, no] = [condition, met, otherwise].map((each) => compileExpression(each, scope)) as [Run, Run, Run];
  return (frame) => {
    const answer = test(frame);
    if (typeof answer !== 'boolean') throw noSuchOverload();
    return answer ? yes(frame) : no(frame);
  };
}

function binding({ variable, value, body }: Of<'bind'>, scope: Scope): Run {
  const { names = [] } = scope;
  const bound = compileExpression(value, scope);
  const run = compileExpression(body, { ...scope, names: [...names, variable] });
  return (frame) => {
    frame.locals[names.length] = bound(frame);
    return run(frame);
  };
}

function call(expression: Of<'call'>, scope: Scope): Run {
  const { functions, parameters } = callee(expression, scope);
  const runs = parameters.map((parameter) => compileExpression(parameter, scope));
  return (frame) => {
    frame.spend(1);
    const values = runs.map((run) => run(frame));
    for (const apply of functions) {
      const result = apply(values, frame.spend);
      if (result !== undefined) return result;
    }
    throw noSuchOverload();
  };
}

type Callee = { readonly functions: readonly CelFunction[]; readonly parameters: readonly Expression[] };

/** `optional.of(x)` calls a function of a namespace, `text.size()` one on a value. */
function callee({ name, target, parameters }: Of<'call'>, { environment, names = [] }: Scope): Callee {
  const { functions } = environment;
  if (target?.kind === 'name' && !names.includes(target.name) && !environment.variables.has(target.name)) {
    const found = functions.get(`${target.name}.${name}`);
    if (found !== undefined) return { functions: found, parameters };
  }
  return {
    functions: functions.get(name) ?? [],
    parameters: target === undefined ? parameters : [target, ...parameters],
  };
}
