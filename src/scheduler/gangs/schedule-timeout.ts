/** How long a gang may hold room before all of it is bound, and wait for its pods before its group says so. */
import type { PodGroup } from '#api/scheduling/pod-group';

/** On a PodGroup, in seconds. The field is called so where pod groups have one. */
export const SCHEDULE_TIMEOUT = 'tutti.io/schedule-timeout-seconds';

// Upstream's figure for gangs.
const DEFAULT_SECONDS = 300;

export function scheduleTimeoutMs({ metadata }: PodGroup): number {
  const text = metadata.annotations?.[SCHEDULE_TIMEOUT] ?? '';
  return (/^[1-9]\d{0,5}$/.test(text) ? Number(text) : DEFAULT_SECONDS) * 1000;
}
