/** Which of a kind's versions clients should prefer: stable ones, then betas, then alphas, each the newest first. Pure. */

type Rank = readonly [maturity: number, major: number, minor: number];

const KUBERNETES_LIKE = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const MATURITY: Readonly<Record<string, number>> = { alpha: 1, beta: 2 };

/** Versions of another form come last, by name. */
export function byVersionPriority(left: string, right: string): number {
  const [leftRank, rightRank] = [rankOf(left), rankOf(right)];
  for (const [index, rank] of leftRank.entries()) {
    const difference = (rightRank[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : +(left > right);
}

function rankOf(version: string): Rank {
  const match = KUBERNETES_LIKE.exec(version);
  if (match === null) return [0, 0, 0];
  const [, major = '0', stage, minor = '0'] = match;
  return [stage === undefined ? 3 : (MATURITY[stage] ?? 0), Number(major), Number(minor)];
}
