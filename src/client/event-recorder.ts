/** Reports what happened to an object as core/v1 Events, in the background: an event that cannot be written harms nobody. */
import { Event } from '#api/core/event';
import { isApiError } from '#api/errors';
import { formatTime } from '#api/meta/time';
import type { ApiObject, Unsaved } from '#api/object';
import type { ObjectReference } from '#api/types/core-v1';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from './client.ts';
import {
  type Correlated,
  EventCorrelator,
  noteGone,
  noteWritten,
  type Report,
  type Reported,
} from './event-correlator.ts';

export type { Report } from './event-correlator.ts';

export interface EventRecorder {
  /** Never waits and never throws. `fieldPath` names a part of the object: `spec.containers{web}`. */
  report(about: ApiObject, report: Report, fieldPath?: string): void;
}

export type EventRecorderOptions = {
  readonly client: Client;
  readonly world: World;
  readonly logger: Logger;
  /** Ends the recorder; what is queued by then is dropped. */
  readonly signal: AbortSignal;
  readonly component: string;
  readonly host?: string;
  /** Remembers what was reported, to be counted up when it repeats. Recorders may share one: each goes on with its own events only. */
  readonly correlator?: EventCorrelator;
};

// A server that is away must not make a busy component hoard events.
const QUEUED = 1000;
// Whoever drops events drops thousands.
const DROPS_TOLD_EVERY_MS = 10_000;
const NAME_TRIES = 5;
// Upstream's figures: so often a server that is away is asked again, and so long apart.
const TRIES = 12;
const RETRY_MS = 10_000;
const MOMENT = 1_000_000;
// How much of a moment is for what is told later, and how many more reports fit into what is left of it.
const TOLD_LATER = 10_000;
const FOLLOWERS = 256;
// Events of cluster-scoped objects live in this namespace.
const DEFAULT_NAMESPACE = 'default';
// Whoever reports does not wait until the first is sent.
const SOON = Promise.resolve();

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, world, signal, logger, component, host = '' } = options;
  const correlator = options.correlator ?? new EventCorrelator();
  // Who shares nothing need not be told apart.
  const reporter = options.correlator === undefined ? '' : `${component}/${host}`;
  const queue: Reported[] = [];
  const call = { signal };
  const source = Object.freeze(options.host === undefined ? { component } : { component, host });
  const within = withinMoment(world.random);
  const nameFor = ({ about: { name = '' }, report, atMs }: Reported): string => {
    const nanoseconds = BigInt(Math.trunc(atMs)) * 1_000_000n + BigInt(within(atMs, report.atMs !== undefined));
    return `${name}.${nanoseconds.toString(16)}`;
  };

  const create = (reported: Reported, correlated: Correlated): Promise<unknown> => {
    const name = nameFor(reported);
    // Remembered at once, so that a repeat that follows finds it.
    noteWritten(correlated, name);
    return client.create(Event, eventOf(source, name, { reported, correlated }), call);
  };

  const countUpOrCreate = async (reported: Reported, correlated: Correlated, name: string): Promise<void> => {
    if (await countUp(options, { reported, correlated }, name)) return;
    await create(reported, { ...correlated, count: 1, firstMs: reported.atMs });
  };

  const write = (reported: Reported, correlated: Correlated): Promise<unknown> => {
    const { name } = correlated;
    if (name === undefined) return create(reported, correlated);
    noteWritten(correlated, name);
    return countUpOrCreate(reported, correlated, name);
  };

  /** Goes on trying while the server is away; events that come meanwhile wait behind this one. */
  const recover = async (reported: Reported, correlated: Correlated, failure: unknown): Promise<void> => {
    let error = failure;
    for (let tries = 1; await isWorthAnother(tries, error, options); tries++) {
      try {
        await write(reported, correlated);
        return;
      } catch (again) {
        error = again;
      }
    }
    // What is written already is the series that the next report goes on with.
    if (correlated.name === undefined) noteGone(correlated);
    if (signal.aborted || isTerminating(error)) return;
    logger.warn('cannot write an event', { reason: reported.report.reason, error: asError(error) });
  };

  // Half of all that is written are events: nothing but the write itself is waited for between one and the next. Thousands of recorders
  // have nothing to send most of the time: then nothing of them waits.
  let sending = false;
  const sendAll = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
      // When it is written, not when it is reported: only then is it known under which name its predecessor went.
      const correlated = correlator.correlate(next, reporter);
      if (correlated === undefined) continue;
      try {
        await write(next, correlated);
      } catch (error) {
        await recover(next, correlated, error);
      }
    }
    sending = false;
  };

  let dropped = 0;
  let toldMs = -Infinity;
  const drop = (reason: string): void => {
    dropped++;
    const atMs = world.clock.now();
    if (atMs < toldMs + DROPS_TOLD_EVERY_MS) return;
    logger.warn('dropped events', { count: dropped, last: reason });
    toldMs = atMs;
    dropped = 0;
  };

  return {
    report(object, report, fieldPath) {
      if (signal.aborted) return;
      if (queue.length === QUEUED) return drop(report.reason);
      const { atMs = world.clock.now() } = report;
      queue.push({ about: referenceTo(object, fieldPath), report, atMs });
      if (sending) return;
      sending = true;
      void SOON.then(sendAll);
    },
  };
}

/**
 * The nanoseconds of which the clock gives only millions. Other reporters of the same moment must get others; what one reports in a moment
 * stands in its order, as lists are ordered by name; and what had happened before it was told comes first.
 */
function withinMoment(random: () => number): (atMs: number, toldLater: boolean) => number {
  let last = { atMs: -1, within: 0 };
  return (atMs, toldLater) => {
    if (toldLater) return Math.floor(random() * TOLD_LATER);
    const from = last.atMs === atMs ? last.within + 1 : TOLD_LATER;
    const room = (MOMENT - from) / (last.atMs === atMs ? FOLLOWERS : 2);
    last = { atMs, within: Math.min(MOMENT - 1, from + Math.floor(random() * room)) };
    return last.within;
  };
}

/** Waits before it says yes. */
async function isWorthAnother(
  tries: number,
  error: unknown,
  { world, signal }: EventRecorderOptions,
): Promise<boolean> {
  if (isApiError(error, 'AlreadyExists')) return tries < NAME_TRIES;
  if (tries === TRIES || signal.aborted || !isApiError(error, 'ServiceUnavailable')) return false;
  try {
    // The first time at a moment of its own, so that not all reporters come back at once.
    await world.clock.sleep(RETRY_MS * (tries === 1 ? world.random() : 1), signal);
    return true;
  } catch (ended) {
    if (!signal.aborted) throw ended;
    return false;
  }
}

type EventSource = { readonly component: string; readonly host?: string };

type Told = { readonly reported: Reported; readonly correlated: Correlated };

/** False when the event has expired meanwhile. */
async function countUp(
  { client, signal }: EventRecorderOptions,
  { reported: { about, atMs }, correlated: { count, message } }: Told,
  name: string,
): Promise<boolean> {
  const document = { count, message, lastTimestamp: formatTime(atMs) };
  const ref = { namespace: about.namespace ?? DEFAULT_NAMESPACE, name };
  try {
    await client.patch(Event, { ref, patch: { type: 'application/merge-patch+json', document } }, { signal });
    return true;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return false;
    throw error;
  }
}

function eventOf(source: EventSource, name: string, { reported, correlated }: Told): Unsaved<Event> {
  const { about, report, atMs } = reported;
  const lastTimestamp = formatTime(atMs);
  return {
    apiVersion: Event.apiVersion,
    kind: Event.kind,
    metadata: { name, namespace: about.namespace ?? DEFAULT_NAMESPACE },
    involvedObject: about,
    type: report.type,
    reason: report.reason,
    message: correlated.message,
    source,
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
    count: correlated.count,
    firstTimestamp: correlated.firstMs === atMs ? lastTimestamp : formatTime(correlated.firstMs),
    lastTimestamp,
  };
}

function referenceTo({ apiVersion, kind, metadata }: ApiObject, fieldPath: string | undefined): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  const place = namespace === undefined ? { apiVersion, kind, name, uid } : { apiVersion, kind, namespace, name, uid };
  if (fieldPath === undefined) return resourceVersion === '' ? place : { ...place, resourceVersion };
  return resourceVersion === '' ? { ...place, fieldPath } : { ...place, resourceVersion, fieldPath };
}

// Nothing can be created in a namespace that is going away, and nobody would read it.
function isTerminating(error: unknown): boolean {
  return (
    isApiError(error, 'Forbidden') &&
    (error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false)
  );
}
