/** Events are news: an hour after they last happened they are removed. */
import type * as core from '#api/types/core-v1';
import { parseTime } from '#api/meta/time';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import { ticks } from '#base/ticker';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import { listPrefix, objectKey } from './registry/keys.ts';

// As long as upstream keeps them.
const EVENT_TTL_MS = 60 * 60_000;
const SWEEP_MS = 60_000;
// A transaction holds up all other writes while it runs.
const REMOVALS_AT_ONCE = 500;

const EVENTS = { group: '', plural: 'events', namespaced: true };

export type EventExpiry = {
  readonly store: Store;
  readonly world: World;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** Runs until the signal aborts. */
export async function runEventExpiry({ store, world, log, signal }: EventExpiry): Promise<void> {
  for await (const nowMs of ticks(SWEEP_MS, { world, signal })) {
    try {
      await sweep(store, nowMs);
    } catch (error) {
      // A full disk refuses removals as well; the next sweep finds the same events.
      log.warn('Cannot remove old events', { error: asError(error) });
    }
  }
}

async function sweep(store: Store, nowMs: number): Promise<void> {
  const events = store.list(listPrefix(EVENTS, undefined)).items as readonly core.Event[];
  const stale = planExpiry(events, nowMs);
  for (let from = 0; from < stale.length; from += REMOVALS_AT_ONCE) {
    await removeAll(store, stale.slice(from, from + REMOVALS_AT_ONCE));
  }
}

/** The events whose time is over. Pure. */
function planExpiry(events: readonly core.Event[], nowMs: number): readonly core.Event[] {
  return events.filter((event) => nowMs - lastSeenMs(event) >= EVENT_TTL_MS);
}

function lastSeenMs({ metadata, lastTimestamp, eventTime, series }: core.Event): number {
  const times = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime];
  return Math.max(...times.map((time) => (time ? parseTime(time) : 0)));
}

async function removeAll(store: Store, events: readonly core.Event[]): Promise<void> {
  await store.write((tx) => {
    for (const event of events) {
      const key = objectKey(EVENTS, event.metadata);
      // One that was seen again meanwhile is another object, and stays.
      if (tx.get(key) === event) tx.delete(key);
    }
  }, 'relaxed');
}
