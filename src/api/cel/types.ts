/** The types of expressions, written as upstream writes them: `list(int)`, `map(string, dyn)`. */

export type CelType = {
  readonly name: string;
  readonly parameters: readonly CelType[];
  /** Of objects: what can be selected. */
  readonly fields?: Readonly<Record<string, CelType>>;
};

const SIMPLE = new Map<string, CelType>();

/** Types without parts are there once. */
export function simpleType(name: string): CelType {
  const known = SIMPLE.get(name) ?? { name, parameters: [] };
  SIMPLE.set(name, known);
  return known;
}

export const DYN = simpleType('dyn');
export const BOOL = simpleType('bool');
export const ANY = simpleType('any');

export const listOf = (item: CelType): CelType => ({ name: 'list', parameters: [item] });
export const mapOf = (key: CelType, value: CelType): CelType => ({ name: 'map', parameters: [key, value] });
export const optionalOf = (value: CelType): CelType => ({ name: 'optional_type', parameters: [value] });
export const objectOf = (name: string, fields: Readonly<Record<string, CelType>>): CelType => ({
  name,
  parameters: [],
  fields,
});

export function typeText({ name, parameters }: CelType): string {
  if (name === 'null_type') return 'null';
  return parameters.length === 0 ? name : `${name}(${parameters.map(typeText).join(', ')})`;
}

/** What may turn out to be of any type. */
export const isWild = ({ name }: CelType): boolean => name === 'dyn' || name === 'any';

/** Stands for some type, in what functions are declared to take. */
const isVariable = ({ name }: CelType): boolean => /^[A-Z]$/.test(name);

/** What variables of a declaration stand for. */
export type Bindings = Map<string, CelType>;

/** Whether a value of the type `actual` may be given where `wanted` is; tells the variables of `wanted` apart. */
export function accepts(wanted: CelType, actual: CelType, bindings: Bindings): boolean {
  if (isVariable(wanted)) {
    const known = bindings.get(wanted.name);
    if (known !== undefined && !accepts(known, actual, bindings)) return false;
    bindings.set(wanted.name, known === undefined ? actual : moreGeneral(known, actual));
    return true;
  }
  if (isWild(wanted) || isWild(actual)) return true;
  if (actual.name === 'null_type' && isNullable(wanted)) return true;
  return wanted.name === actual.name && pairwise(wanted, actual, (left, right) => accepts(left, right, bindings));
}

function pairwise(left: CelType, right: CelType, holds: (left: CelType, right: CelType) => boolean): boolean {
  return left.parameters.every((parameter, index) => holds(parameter, right.parameters[index] ?? DYN));
}

/** Those of libraries, and objects. */
const isNullable = ({ name }: CelType): boolean => name.includes('.') || name === 'optional_type';

function moreGeneral(known: CelType, actual: CelType): CelType {
  return isAsGeneral(actual, known) && !isAsGeneral(known, actual) ? actual : known;
}

function isAsGeneral(left: CelType, right: CelType): boolean {
  if (isWild(left)) return true;
  return left.name === right.name && pairwise(left, right, isAsGeneral);
}

/** With what its variables stand for; those that stand for nothing may be anything. */
export function resolved(type: CelType, bindings: Bindings): CelType {
  if (isVariable(type)) return bindings.get(type.name) ?? DYN;
  if (type.parameters.length === 0) return type;
  return { ...type, parameters: type.parameters.map((each) => resolved(each, bindings)) };
}
