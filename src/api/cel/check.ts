/** Finds out the type of every part of an expression, and refuses one whose parts do not go together. */
import type { Expression } from './ast.ts';
import { checkLiteral } from './check-literals.ts';
import { DECLARATIONS } from './declarations.ts';
import type { CelEnvironment } from './environment.ts';
import { CelSyntaxError } from './error.ts';
import { matching, type Overload } from './overloads.ts';
import { accepts, BOOL, type CelType, DYN, isWild, listOf, mapOf, optionalOf, simpleType, typeText } from './types.ts';
import { typeNameOf } from './values.ts';

/** What is known of each part. */
export type Checked = {
  readonly type: CelType;
  readonly types: ReadonlyMap<Expression, CelType>;
  /** By calls and what works like them: the declarations that may be meant. */
  readonly calls: ReadonlyMap<Expression, readonly Overload[]>;
};

/** Throws `CelSyntaxError`. */
export function checkTypes(expression: Expression, source: string, environment: CelEnvironment): Checked {
  const checker = new Checker(source, environment);
  const type = checker.typeOf(expression, environment.variables);
  return { type, types: checker.types, calls: checker.calls };
}

type Names = ReadonlyMap<string, CelType>;
type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;
type Call = { readonly name: string; readonly isMember: boolean; readonly parameters: readonly CelType[] };

const OPERATOR_NAMES: Readonly<Record<string, string>> = {
  negate: '-_',
  '!': '!_',
  in: '@in',
  '?:': '_?_:_',
  '[]': '_[_]',
  '[?]': '_[?_]',
};

class Checker {
  readonly types = new Map<Expression, CelType>();
  readonly calls = new Map<Expression, readonly Overload[]>();
  readonly #source: string;
  readonly #environment: CelEnvironment;

  constructor(source: string, environment: CelEnvironment) {
    this.#source = source;
    this.#environment = environment;
  }

  typeOf(expression: Expression, names: Names): CelType {
    const type = this.#typeOf(expression, names);
    this.types.set(expression, type);
    return type;
  }

  #typeOf(expression: Expression, names: Names): CelType {
    switch (expression.kind) {
      case 'literal':
        return simpleType(typeNameOf(expression.value));
      case 'name':
        return names.get(expression.name) ?? this.#undeclared(expression.name, expression);
      case 'select':
        return this.#selection(expression, names);
      case 'has':
        this.#member(this.typeOf(expression.operand, names), expression);
        return BOOL;
      case 'call':
        return this.#call(expression, names);
      case 'fold':
        return this.#fold(expression, names);
      case 'bind':
        return this.typeOf(expression.body, withName(names, expression.variable, this.typeOf(expression.value, names)));
      case 'index':
      case 'both':
      case 'either':
      case 'choice':
        return this.#operation(expression, names);
      case 'list':
        return listOf(this.#common(expression.items, names));
      case 'map':
        return this.#map(expression, names);
    }
  }

  #operation(expression: Of<'index' | 'both' | 'either' | 'choice'>, names: Names): CelType {
    const [name, ...parts] = operationOf(expression);
    return this.#resolve(expression, {
      name,
      isMember: false,
      parameters: parts.map((part) => this.typeOf(part, names)),
    });
  }

  #selection({ operand, isOptional, ...member }: Of<'select'>, names: Names): CelType {
    const of = this.typeOf(operand, names);
    if (of.name === 'optional_type') return optionalOf(this.#member(of.parameters[0] ?? DYN, member));
    const type = this.#member(of, member);
    return isOptional ? optionalOf(type) : type;
  }

  #member(of: CelType, { field, at }: { readonly field: string; readonly at: number }): CelType {
    if (isWild(of)) return DYN;
    if (of.name === 'optional_type') return this.#member(of.parameters[0] ?? DYN, { field, at });
    if (of.name === 'map') return of.parameters[1] ?? DYN;
    if (of.fields === undefined) throw this.#error(at, `type '${typeText(of)}' does not support field selection`);
    const type = Object.hasOwn(of.fields, field) ? of.fields[field] : undefined;
    if (type === undefined) throw this.#error(at, `undefined field '${field}'`);
    return type;
  }

  #call(call: Of<'call'>, names: Names): CelType {
    const { name, target, parameters } = call;
    const { functions } = this.#environment;
    if (target?.kind === 'name' && !names.has(target.name) && functions.has(`${target.name}.${name}`))
      return this.#resolve(call, {
        name: `${target.name}.${name}`,
        isMember: false,
        parameters: parameters.map((each) => this.typeOf(each, names)),
      });
    if (!functions.has(name)) return this.#undeclared(name, call);
    const all = target === undefined ? parameters : [target, ...parameters];
    const types = all.map((each) => this.typeOf(each, names));
    const result = this.#resolve(call, { name, isMember: target !== undefined, parameters: types });
    checkLiteral(call, this.#source);
    return result;
  }

  #resolve(expression: Expression, { name, isMember, parameters }: Call): CelType {
    const match = matching(DECLARATIONS.get(name) ?? [], isMember, parameters);
    if (match === undefined) throw this.#noOverload(expression.at, { name, isMember, parameters });
    this.calls.set(expression, match.overloads);
    return match.result;
  }

  #noOverload(at: number, { name, isMember, parameters }: Call): CelSyntaxError {
    const [target = '', ...others] = parameters.map(typeText);
    const applied = isMember ? `${target}.(${others.join(', ')})` : `(${parameters.map(typeText).join(', ')})`;
    const shown = OPERATOR_NAMES[name] ?? (/^\w/.test(name) ? name : `_${name}_`);
    return this.#error(at, `found no matching overload for '${shown}' applied to '${applied}'`);
  }

  #map({ entries }: Of<'map'>, names: Names): CelType {
    const [keys, values] = [entries.map(([key]) => key), entries.map(([, value]) => value)];
    const key = this.#common(keys, names);
    // Only simple values are keys. Types of others would grow with every map that is made of maps.
    return mapOf(key.parameters.length === 0 ? key : DYN, this.#common(values, names));
  }

  /** Items of a list go together. */
  #common(items: readonly Expression[], names: Names): CelType {
    let common: CelType | undefined;
    for (const item of items) {
      const type = this.typeOf(item, names);
      if (common !== undefined && !accepts(common, type, new Map()))
        throw this.#error(item.at, `expected type '${typeText(common)}' but found '${typeText(type)}'`);
      common = common === undefined || isWild(type) ? type : common;
    }
    return common ?? DYN;
  }

  #fold({ name, range, variable, filter, body, at }: Of<'fold'>, names: Names): CelType {
    const over = this.typeOf(range, names);
    const inner = withName(names, variable, this.#itemOf(over, range));
    const item = this.typeOf(body, inner);
    if (filter !== undefined) this.#choosing(this.typeOf(filter, inner), at, listOf(item));
    if (name === 'map') return listOf(item);
    if (name === 'filter') return this.#choosing(item, at, listOf(this.#itemOf(over, range)));
    if (name === 'exists_one') this.#choosing(item, at, simpleType('int'));
    else this.#condition(at, name === 'all' ? '&&' : '||', [BOOL, item]);
    return BOOL;
  }

  #itemOf(over: CelType, { at }: Expression): CelType {
    if (isWild(over)) return DYN;
    if (over.name === 'list' || over.name === 'map') return over.parameters[0] ?? DYN;
    const is = `expression of type '${typeText(over)}' cannot be range of a comprehension`;
    throw this.#error(at, `${is} (must be list, map, or dynamic)`);
  }

  /** What a macro asks of an item decides whether what there is so far grows. */
  #choosing(condition: CelType, at: number, grows: CelType): CelType {
    this.#condition(at, '?:', [condition, grows, grows]);
    return grows;
  }

  #condition(at: number, name: string, parameters: readonly CelType[]): void {
    const call = { name, isMember: false, parameters };
    if (matching(DECLARATIONS.get(name) ?? [], false, parameters) === undefined) throw this.#noOverload(at, call);
  }

  #undeclared(name: string, { at }: Expression): never {
    throw this.#error(at, `undeclared reference to '${name}' (in container '')`);
  }

  #error(at: number, message: string): CelSyntaxError {
    return new CelSyntaxError(this.#source, at, message);
  }
}

const withName = (names: Names, name: string, type: CelType): Names => new Map(names).set(name, type);

function operationOf(
  expression: Of<'index' | 'both' | 'either' | 'choice'>,
): readonly [string, ...(readonly Expression[])] {
  switch (expression.kind) {
    case 'index':
      return [expression.isOptional ? '[?]' : '[]', expression.operand, expression.index];
    case 'both':
      return ['&&', expression.left, expression.right];
    case 'either':
      return ['||', expression.left, expression.right];
    case 'choice':
      return ['?:', expression.condition, expression.met, expression.otherwise];
  }
}
