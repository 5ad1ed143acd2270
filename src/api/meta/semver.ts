/** Semantic versions (semver.org, 2.0.0): reading them, and which comes first. */

export type Semver = {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** What comes before the version itself, such as `rc.1`. */
  readonly before: readonly string[];
};

const NUMBER = '(0|[1-9]\\d{0,18})';
const IDENTIFIER = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const PATTERN = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
);
const LONGEST = 256;

/** Undefined for a text that is none. */
export function parseSemver(text: string): Semver | undefined {
  if (text.length > LONGEST) return undefined;
  const [, major, minor, patch, before] = PATTERN.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return { major: BigInt(major), minor: BigInt(minor), patch: BigInt(patch), before: before?.split('.') ?? [] };
}

/** Below zero when `left` comes first. What is built differently from one version is one version. */
export function compareSemvers(left: Semver, right: Semver): number {
  for (const part of ['major', 'minor', 'patch'] as const)
    if (left[part] !== right[part]) return left[part] < right[part] ? -1 : 1;
  if (left.before.length === 0 || right.before.length === 0)
    return Number(left.before.length === 0) - Number(right.before.length === 0);
  for (const [index, one] of left.before.entries()) {
    const other = right.before[index];
    if (other === undefined) return 1;
    const difference = compareIdentifiers(one, other);
    if (difference !== 0) return difference;
  }
  return left.before.length - right.before.length;
}

/** Numbers come before words. */
function compareIdentifiers(left: string, right: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber && isOtherNumber) return Number(BigInt(left) - BigInt(right));
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return left < right ? -1 : Number(left > right);
}
