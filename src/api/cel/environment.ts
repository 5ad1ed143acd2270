/** What expressions may speak of: the variables there are, and the functions. */
import type { Bounds } from './estimate.ts';
import type { CelType } from './types.ts';
import type { CelValue } from './values.ts';

/** Undefined for parameters that it is not for. A call on a value has that value as its first parameter. */
export type CelFunction = (parameters: readonly CelValue[], spend: (cost: number) => void) => CelValue | undefined;

/** Under the names by which they are called; those of a namespace with it, such as `optional.of`. */
export type CelLibrary = Readonly<Record<string, CelFunction>>;

export type CelEnvironment = {
  readonly variables: ReadonlyMap<string, CelType>;
  /** How large the variables can be, where that is known. */
  readonly bounds: Bounds;
  /** Of several functions of one name the first counts that is for the parameters. */
  readonly functions: ReadonlyMap<string, readonly CelFunction[]>;
};

export function celEnvironment(
  variables: Readonly<Record<string, CelType>>,
  libraries: readonly CelLibrary[],
  bounds: Bounds = {},
): CelEnvironment {
  const functions = new Map<string, CelFunction[]>();
  for (const [name, implementation] of libraries.flatMap((library) => Object.entries(library))) {
    const others = functions.get(name);
    if (others === undefined) functions.set(name, [implementation]);
    else others.push(implementation);
  }
  return { variables: new Map(Object.entries(variables)), bounds, functions };
}
