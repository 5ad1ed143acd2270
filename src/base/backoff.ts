/** How long to wait before trying again. */

export type BackoffPolicy = {
  /** The delay after the first failure. */
  readonly baseMs: number;
  /** No delay is longer than this. */
  readonly capMs: number;
  /** What each further failure multiplies the delay by; 2 unless said. */
  readonly factor?: number;
  /** The share of the delay, 0 to 1, that chance may take away, so that many do not retry together; 0 unless said. */
  readonly jitter?: number;
};

/** The delay after `failures` failures in a row; none before the first. */
export function backoffMs(failures: number, policy: BackoffPolicy, random: () => number): number {
  if (failures <= 0) return 0;
  const { baseMs, capMs, factor = 2, jitter = 0 } = policy;
  const fullMs = Math.min(capMs, baseMs * factor ** (failures - 1));
  return fullMs * (1 - jitter * random());
}
