/** Functions of values that may be missing. */
import type { CelLibrary } from '../environment.ts';
import { CelError } from '../error.ts';
import { CelOptional } from '../optional.ts';
import type { CelValue } from '../values.ts';

export const OPTIONALS: CelLibrary = {
  'optional.of': ([value]) => new CelOptional(value),
  'optional.none': () => new CelOptional(undefined),
  hasValue: ([optional]) => (optional instanceof CelOptional ? optional.value !== undefined : undefined),
  value: ([optional]) => (optional instanceof CelOptional ? present(optional) : undefined),
  or: ([optional, other]) => {
    if (!(optional instanceof CelOptional)) return undefined;
    return optional.value === undefined ? other : optional;
  },
  orValue: ([optional, other]) => (optional instanceof CelOptional ? (optional.value ?? other) : undefined),
};

function present({ value }: CelOptional): CelValue {
  if (value === undefined) throw new CelError('optional.none() dereference');
  return value;
}
