/** Lets one node of a zone after another be driven empty, at the pace of its zone. */
import type { EvictionPace } from './plan-disruption.ts';

export class EvictionGate {
  readonly #nextMs = new Map<string, number>();

  /** 0 when the zone may lose another node now, which uses up its turn; else how long until it may; undefined for not in sight. */
  waitMs(zone: string, pace: EvictionPace, nowMs: number): number | undefined {
    if (typeof pace === 'string') return undefined;
    const waitMs = (this.#nextMs.get(zone) ?? 0) - nowMs;
    if (waitMs > 0) return waitMs;
    this.#nextMs.set(zone, nowMs + pace);
    return 0;
  }
}
