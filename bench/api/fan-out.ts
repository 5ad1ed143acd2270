/** One change told to a thousand watchers: by reference as components in the process hear it, and as the JSON lines of HTTP. */
import { Pod } from '#api/core/pod';
import type { ApiRequest, RequestHandler, WatchEvent } from '#api/request';
import { eventEncoder, type View } from '#apiserver/http/encode-result';
import { systemWorld } from '#base/world';
import { inProcessClient } from '#client/in-process';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { aWorkloadPod } from '../objects/workload-objects.ts';
import type { BenchContext, Measurement, Scale } from '../suite.ts';
import { ADMIN, pipelineOn } from './in-process-creates.ts';

const WATCHERS = 1000;
const EVENTS: Readonly<Record<Scale, number>> = { full: 500, quick: 100 };
const IN_FLIGHT = 10;

/** What a watcher does with a batch; returns how many bytes it would send. */
type Receive = (events: readonly WatchEvent[]) => number;
type Listening = { readonly name: string; readonly newReceiver: () => Receive };

const LISTENING: readonly Listening[] = [
  { name: 'by reference', newReceiver: () => () => 0 },
  { name: 'as JSON lines', newReceiver: () => sharedLines() },
  { name: 'as JSON lines, encoded for each', newReceiver: () => ownLines },
];

export async function measureFanOut({ scale, progress, signal }: BenchContext): Promise<readonly Measurement[]> {
  const found = new Map<string, FanOut>();
  for (const listening of LISTENING) {
    signal.throwIfAborted();
    progress(`${WATCHERS} watchers ${listening.name}`);
    found.set(listening.name, await fanOut(EVENTS[scale], listening));
  }
  const [reference, lines, own] = LISTENING.map(({ name }) => found.get(name));
  if (reference === undefined || lines === undefined || own === undefined)
    throw new Error('Cannot compare: no figures');
  const peer = { name: 'encoded for each watcher', figure: own.perSecond };
  const row = (name: string, { perSecond }: FanOut): Measurement => ({
    workload: `events to ${WATCHERS} watchers ${name}`,
    figure: perSecond,
    unit: 'events/s',
    reference: peer,
  });
  return [
    row('by reference', reference),
    row('as JSON lines', lines),
    {
      workload: `encodings of an event that ${WATCHERS} watchers get`,
      figure: lines.encodings / EVENTS[scale],
      unit: 'encodings',
      reference: { name: 'encoded for each watcher', figure: own.encodings / EVENTS[scale] },
      targets: [{ of: 'figure', keep: 'at most', limit: 1 }],
    },
  ];
}

type FanOut = { readonly perSecond: number; readonly encodings: number };

/** Creates `events` pods while all watchers listen, and waits until each has heard of all. */
async function fanOut(events: number, { newReceiver }: Listening): Promise<FanOut> {
  await using store = await openStore({ engine: memoryEngine(), world: systemWorld() });
  const handle = await pipelineOn(store);
  const client = inProcessClient(handle, ADMIN);
  const watching = new AbortController();
  const watchers = await Promise.all(
    Array.from({ length: WATCHERS }, () => watch(handle, { events, receive: newReceiver(), signal: watching.signal })),
  );
  const counting = countEncodings();
  const startMs = performance.now();
  try {
    for (let made = 0; made < events; made += IN_FLIGHT) {
      const batch = Array.from({ length: Math.min(IN_FLIGHT, events - made) }, (_, index) => made + index);
      await Promise.all(batch.map((index) => client.create(Pod, aWorkloadPod(`web-app-${index}`))));
    }
    await Promise.all(watchers.map(({ heardAll }) => heardAll));
    const seconds = (performance.now() - startMs) / 1000;
    return { perSecond: (events * WATCHERS) / seconds, encodings: counting.count() };
  } finally {
    counting[Symbol.dispose]();
    watching.abort();
  }
}

type Watching = { readonly events: number; readonly receive: Receive; readonly signal: AbortSignal };

async function watch(
  handle: RequestHandler,
  { events, receive, signal }: Watching,
): Promise<{ readonly heardAll: Promise<void> }> {
  const request: ApiRequest = {
    verb: 'watch',
    group: '',
    version: 'v1',
    plural: 'pods',
    options: {},
    user: ADMIN,
    signal,
  };
  const result = await handle(request);
  if (result.type !== 'watch') throw new TypeError(`Cannot watch: the pipeline answered ${result.type}`);
  const heardAll = (async () => {
    let heard = 0;
    for await (const batch of result.events) {
      receive(batch);
      heard += batch.length;
      if (heard >= events) return;
    }
    throw new Error(`Cannot hear of all ${events} changes: the watch ended after ${heard}`);
  })();
  return { heardAll };
}

const VIEW: View = {
  format: 'json',
  shape: 'object',
  version: 'v1',
  pretty: false,
  include: 'Metadata',
  columns: [],
  listKind: 'PodList',
  goPackage: 'core',
  apiVersion: 'v1',
  nowMs: 0,
};

function sharedLines(): Receive {
  const encode = eventEncoder(VIEW);
  return (events) => encode(events).length;
}

/** The peer: what fan-out costs a server that encodes for every watcher. */
const ownLines: Receive = (events) =>
  events.reduce((sum, event) => sum + Buffer.from(`${JSON.stringify(event)}\n`).length, 0);

/** Counts, until it is disposed of, how often a whole object or an event with one becomes JSON. */
function countEncodings(): Disposable & { count(): number } {
  const original = JSON.stringify;
  let count = 0;
  JSON.stringify = ((...given: Parameters<typeof original>) => {
    if (holdsObject(given[0])) count++;
    return original(...given);
  }) as typeof original;
  return {
    count: () => count,
    [Symbol.dispose]() {
      JSON.stringify = original;
    },
  };
}

function holdsObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'metadata' in value || ('object' in value && holdsObject(value.object));
}
