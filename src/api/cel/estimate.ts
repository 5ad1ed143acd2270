/** Tells before an expression runs what it costs at most, by upstream's prices. */
import type { Expression, FoldName } from './ast.ts';
import { type Bound, boundOfType, larger, NONE, UNBOUNDED } from './bounds.ts';
import { costOfCall } from './call-costs.ts';
import type { Checked } from './check.ts';
import { LIST_COST, MAP_COST } from './prices.ts';
import { DYN } from './types.ts';

/** Of names: the variables, and those that the expression makes. */
export type Bounds = Readonly<Record<string, Bound>>;

type Estimate = { readonly cost: number; readonly bound: Bound };
type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;

/** Endless for what is done to values of any size. */
export function worstCost(expression: Expression, checked: Checked, variables: Bounds): number {
  return new Estimator(checked).estimate(expression, variables).cost;
}

class Estimator {
  readonly #checked: Checked;

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  estimate(expression: Expression, names: Bounds): Estimate {
    switch (expression.kind) {
      case 'literal':
        return { cost: 0, bound: this.#boundOfLiteral(expression) };
      case 'name':
        return { cost: 1, bound: this.#boundOfName(expression, names) };
      case 'select':
        return this.#select(expression, names);
      case 'has':
        return { cost: this.estimate(expression.operand, names).cost, bound: this.#boundOf(expression) };
      case 'list':
        return this.#list(expression, names);
      case 'map':
        return this.#map(expression, names);
      case 'fold':
        return this.#fold(expression, names);
      case 'bind':
        return this.#bind(expression, names);
      case 'call':
      case 'index':
      case 'both':
      case 'either':
      case 'choice':
        return this.#operation(expression, names);
    }
  }

  #operation(expression: Of<'call' | 'index' | 'both' | 'either' | 'choice'>, names: Bounds): Estimate {
    switch (expression.kind) {
      case 'both':
      case 'either': {
        const { left, right } = expression;
        const cost = this.estimate(left, names).cost + this.estimate(right, names).cost;
        return { cost, bound: this.#boundOf(expression) };
      }
      case 'choice':
        return this.#choice(expression, names);
      case 'index': {
        const name = expression.isOptional ? '[?]' : '[]';
        return this.#call(expression, { name, parameters: [expression.operand, expression.index] }, names);
      }
      case 'call':
        return this.#call(expression, { name: expression.name, parameters: this.#parametersOf(expression) }, names);
    }
  }

  #boundOf(expression: Expression): Bound {
    return boundOfType(this.#checked.types.get(expression) ?? DYN);
  }

  #boundOfLiteral(expression: Of<'literal'>): Bound {
    const { value } = expression;
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) return this.#boundOf(expression);
    const size = typeof value === 'string' ? Array.from(value).length : value.length;
    return { max: size, min: size };
  }

  #boundOfName(expression: Of<'name'>, names: Bounds): Bound {
    const known = Object.hasOwn(names, expression.name) ? names[expression.name] : undefined;
    return known === undefined || known === UNBOUNDED ? this.#boundOf(expression) : known;
  }

  #select({ operand, field, isOptional }: Of<'select'>, names: Bounds): Estimate {
    const { cost, bound } = this.estimate(operand, names);
    const of = this.#checked.types.get(operand) ?? DYN;
    const isLookedUp = isOptional || of.name === 'map' || of.fields !== undefined;
    const own = bound.fields !== undefined && Object.hasOwn(bound.fields, field) ? bound.fields[field] : bound.items;
    return { cost: cost + (isLookedUp ? 1 : 0), bound: own ?? UNBOUNDED };
  }

  /** A namespace is no parameter. */
  #parametersOf(call: Of<'call'>): readonly Expression[] {
    const { target, parameters } = call;
    const isValue = target !== undefined && this.#checked.types.has(target);
    return isValue ? [target, ...parameters] : parameters;
  }

  #call(
    expression: Expression,
    { name, parameters }: { readonly name: string; readonly parameters: readonly Expression[] },
    names: Bounds,
  ): Estimate {
    const { types, calls } = this.#checked;
    const parts = parameters.map((parameter) => this.estimate(parameter, names));
    const overloads = calls.get(expression) ?? [];
    const { cost, bound } = costOfCall({
      name: overloads[0]?.name ?? name,
      overloads,
      bounds: parts.map((part) => part.bound),
      types: parameters.map((each) => types.get(each) ?? DYN),
      result: types.get(expression) ?? DYN,
    });
    return { cost: sum(parts) + cost, bound };
  }

  #choice({ condition, met, otherwise }: Of<'choice'>, names: Bounds): Estimate {
    const [test, yes, no] = [condition, met, otherwise].map((each) => this.estimate(each, names)) as [
      Estimate,
      Estimate,
      Estimate,
    ];
    return { cost: test.cost + Math.max(yes.cost, no.cost), bound: larger(yes.bound, no.bound) };
  }

  #list({ items }: Of<'list'>, names: Bounds): Estimate {
    const parts = items.map((item) => this.estimate(item, names));
    return { cost: LIST_COST + sum(parts), bound: { max: items.length, items: largestOf(parts) } };
  }

  #map({ entries }: Of<'map'>, names: Bounds): Estimate {
    const keys = entries.map(([key]) => this.estimate(key, names));
    const values = entries.map(([, value]) => this.estimate(value, names));
    const bound = { max: entries.length, keys: { max: largestOf(keys).max }, items: largestOf(values) };
    return { cost: MAP_COST + sum(keys) + sum(values), bound };
  }

  #bind({ variable, value, body }: Of<'bind'>, names: Bounds): Estimate {
    const bound = this.estimate(value, names);
    const { cost, bound: result } = this.estimate(body, { ...names, [variable]: bound.bound });
    // It is a way of going through a list that is empty.
    return { cost: LIST_COST + bound.cost + cost, bound: result };
  }

  #fold({ name, range, variable, filter, body }: Of<'fold'>, names: Bounds): Estimate {
    const over = this.estimate(range, names);
    const isOfLists = this.#checked.types.get(range)?.name === 'list';
    const item = (isOfLists ? over.bound.items : over.bound.keys) ?? UNBOUNDED;
    const inner = { ...names, [variable]: item };
    const each = this.estimate(body, inner);
    const test = filter === undefined ? 0 : this.estimate(filter, inner).cost;
    const { before, loop } = FOLD_COSTS[name];
    const { max } = over.bound;
    const cost = over.cost + before + (max === 0 ? 0 : max * (loop + each.cost + test));
    if (name === 'map') return { cost, bound: { max, items: each.bound } };
    return { cost, bound: name === 'filter' ? { max, items: item } : { max: 1 } };
  }
}

/**
 * `before`: for the list that becomes the result, and to look at the result. `loop`: for each item, besides what is asked of it:
 * to look at the result so far and to go on, or to add a list of one to it.
 */
const FOLD_COSTS: Readonly<Record<FoldName, { readonly before: number; readonly loop: number }>> = {
  all: { before: 1, loop: 3 },
  exists: { before: 1, loop: 4 },
  exists_one: { before: 2, loop: 2 },
  map: { before: LIST_COST + 1, loop: LIST_COST + 2 },
  filter: { before: LIST_COST + 1, loop: LIST_COST + 3 },
};

const sum = (parts: readonly Estimate[]): number => parts.reduce((total, { cost }) => total + cost, 0);

const largestOf = (parts: readonly Estimate[]): Bound =>
  parts.length === 0 ? NONE : parts.map(({ bound }) => bound).reduce(larger);
