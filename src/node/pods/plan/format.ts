/** Durations and names as the API and its messages write them. */
import type { Pod } from '#api/core/pod';

/** `10s`, `1m20s`, `5m0s`: whole seconds, the way durations read in upstream's messages. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes % 60}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

/** `web-1_default(1b2c…)`. */
export function podLabel({ metadata }: Pod): string {
  return `${metadata.name}_${metadata.namespace ?? ''}(${metadata.uid ?? ''})`;
}
