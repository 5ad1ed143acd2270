/** Semantic versions, as upstream's expressions know them. */
import type { CelFunction, CelLibrary } from '../environment.ts';
import { CelError } from '../error.ts';
import { CelObject, type CelValue } from '../values.ts';
import { parseSemver, compareSemvers, type Semver } from '../../meta/semver.ts';

export class CelSemver extends CelObject {
  readonly typeName = 'kubernetes.Semver';
  readonly semver: Semver;

  constructor(semver: Semver) {
    super();
    this.semver = semver;
  }

  equals(other: CelValue): boolean {
    return other instanceof CelSemver && compareSemvers(this.semver, other.semver) === 0;
  }
}

/** Throws `CelError`. */
export function celSemver(text: string): CelSemver {
  const semver = parseSemver(text);
  if (semver === undefined) throw new CelError(`invalid semantic version ${JSON.stringify(text)}`);
  return new CelSemver(semver);
}

/** `v1.2` becomes `1.2.0` when it is asked for. */
function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([\d.]*)(.*)$/.exec(text) ?? [];
  const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

const reading =
  (read: (text: string) => CelValue): CelFunction =>
  ([text, normalize]) => {
    if (typeof text !== 'string' || (normalize !== undefined && typeof normalize !== 'boolean')) return undefined;
    return read(normalize === true ? normalized(text) : text);
  };

const comparing =
  (result: (difference: number) => CelValue): CelFunction =>
  ([left, right]) =>
    left instanceof CelSemver && right instanceof CelSemver
      ? result(compareSemvers(left.semver, right.semver))
      : undefined;

const on =
  (apply: (semver: Semver) => CelValue): CelFunction =>
  ([value]) =>
    value instanceof CelSemver ? apply(value.semver) : undefined;

export const VERSIONS: CelLibrary = {
  semver: reading(celSemver),
  isSemver: reading((text) => parseSemver(text) !== undefined),
  major: on(({ major }) => major),
  minor: on(({ minor }) => minor),
  patch: on(({ patch }) => patch),
  isGreaterThan: comparing((difference) => difference > 0),
  isLessThan: comparing((difference) => difference < 0),
  compareTo: comparing((difference) => BigInt(Math.sign(difference))),
};
