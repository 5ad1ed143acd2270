/** Events under the names that the group `events.k8s.io` gives to the same fields. */
import type * as core from '../types/core-v1.ts';
import type * as events from '../types/events-v1.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Name in the core group, name in `events.k8s.io`; all others are the same. */
const NAMES: readonly (readonly [core: keyof core.Event, events: keyof events.Event])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];
const TO_EVENTS: ReadonlyMap<string, string> = new Map(NAMES);
const TO_CORE: ReadonlyMap<string, string> = new Map(NAMES.map(([inCore, inEvents]) => [inEvents, inCore]));

export const eventToV1 = (event: core.Event): events.Event =>
  ({ ...renamed(event, TO_EVENTS), apiVersion: 'events.k8s.io/v1' }) as events.Event;

/** Who or what an event is about may be left open there, and not here. */
export const eventFromV1 = (event: events.Event): core.Event =>
  ({ involvedObject: {}, ...renamed(event, TO_CORE), apiVersion: 'v1' }) as core.Event;

/** What these events may be selected by. */
export const EVENT_V1_FIELDS: Readonly<Record<string, string>> = {
  reason: 'reason',
  type: 'type',
  source: 'source',
  reportingController: 'reportingComponent',
  ...Object.fromEntries(
    ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((field) => [
      `regarding.${field}`,
      `involvedObject.${field}`,
    ]),
  ),
};

function renamed(event: Fields, names: ReadonlyMap<string, string>): Fields {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]));
}
