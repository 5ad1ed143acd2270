/** What functions take and yield, read from lines such as `string.startsWith(string): bool` and `size(list(A)): int`. */
import { accepts, type Bindings, type CelType, resolved, simpleType } from './types.ts';

export type Overload = {
  readonly name: string;
  /** A call on a value has that as its first parameter, and is another thing than a call with it. */
  readonly isMember: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
};

export type Overloads = ReadonlyMap<string, readonly Overload[]>;

/** One on each line; types of the value that a function is called on, and parameters, may be several: `int|uint`. */
export function overloadsOf(text: string): Overloads {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return Map.groupBy(lines.flatMap(overloadsIn), ({ name }) => name);
}

const LINE = /^(?:(.+)\.)?([^ .()]+)\((.*)\): ([^:]+)$/;

// `optional.of` is a function of a namespace, not of a value.
const NAMESPACES: readonly string[] = ['optional', 'sets'];

function overloadsIn(line: string): readonly Overload[] {
  const [target, name, parameters, result] = partsOf(line);
  const isMember = target !== '' && !NAMESPACES.includes(target);
  const full = isMember || target === '' ? name : `${target}.${name}`;
  const wanted = [...(isMember ? [target] : []), ...splitList(parameters)];
  return waysOf(wanted).map((types) => ({ name: full, isMember, parameters: types, result: readType(result) }));
}

function partsOf(line: string): readonly [target: string, name: string, parameters: string, result: string] {
  const [, target = '', name = '', parameters = '', result = ''] = LINE.exec(line) ?? [];
  if (name === '') throw new RangeError(`Cannot read the signature "${line}": expected NAME(TYPES): TYPE`);
  return [target, name, parameters, result];
}

/** One for each choice of types. */
function waysOf(wanted: readonly string[]): readonly (readonly CelType[])[] {
  return wanted.reduce<readonly (readonly CelType[])[]>(
    (before, choice) => before.flatMap((types) => choice.split('|').map((each) => [...types, readType(each)])),
    [[]],
  );
}

/** At the commas that are in no brackets. */
function splitList(text: string): readonly string[] {
  const parts = text.match(/(?:[^,()]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
  return parts.map((part) => part.trim());
}

function readType(text: string): CelType {
  const [, name = text, inner] = /^([^(]+)\((.*)\)$/.exec(text) ?? [];
  return inner === undefined ? simpleType(name) : { name, parameters: splitList(inner).map(readType) };
}

export type Match = { readonly overloads: readonly Overload[]; readonly result: CelType };

/** Those that are for parameters of these types, and what they yield; undefined when there is none. */
export function matching(all: readonly Overload[], isMember: boolean, types: readonly CelType[]): Match | undefined {
  const matches = all.flatMap((overload) => {
    if (overload.isMember !== isMember || overload.parameters.length !== types.length) return [];
    const bindings: Bindings = new Map();
    const isFor = overload.parameters.every((wanted, index) => accepts(wanted, types[index] ?? wanted, bindings));
    return isFor ? [{ overload, result: resolved(overload.result, bindings) }] : [];
  });
  const [first, ...others] = matches;
  if (first === undefined) return undefined;
  const isSure = others.every(({ result }) => JSON.stringify(result) === JSON.stringify(first.result));
  return { overloads: matches.map(({ overload }) => overload), result: isSure ? first.result : simpleType('dyn') };
}
