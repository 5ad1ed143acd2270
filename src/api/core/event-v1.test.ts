import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newMeta } from '#test/builders/kinds';
import type * as events from '../types/events-v1.ts';
import type { Event } from './event.ts';
import { eventFromV1, eventToV1 } from './event-v1.ts';

const REGARDING = { kind: 'Pod', name: 'web' };

const STORED: Event = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: newMeta('web.1'),
  involvedObject: REGARDING,
  related: { kind: 'Node', name: 'n1' },
  reason: 'Pulled',
  message: 'Image pulled',
  type: 'Normal',
  action: 'Pulling',
  eventTime: '2026-01-01T00:00:00.000000Z',
  series: { count: 2, lastObservedTime: '2026-01-01T00:00:09.000000Z' },
  reportingComponent: 'kubelet',
  reportingInstance: 'n1',
  source: { component: 'kubelet', host: 'n1' },
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: '2026-01-01T00:00:09Z',
  count: 2,
};

test('[KIN78] an event has other names in events.k8s.io, and loses nothing on the way there and back', () => {
  const shown: events.Event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: newMeta('web.1'),
    regarding: REGARDING,
    related: { kind: 'Node', name: 'n1' },
    reason: 'Pulled',
    note: 'Image pulled',
    type: 'Normal',
    action: 'Pulling',
    eventTime: '2026-01-01T00:00:00.000000Z',
    series: { count: 2, lastObservedTime: '2026-01-01T00:00:09.000000Z' },
    reportingController: 'kubelet',
    reportingInstance: 'n1',
    deprecatedSource: { component: 'kubelet', host: 'n1' },
    deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
    deprecatedLastTimestamp: '2026-01-01T00:00:09Z',
    deprecatedCount: 2,
  };
  assert.deepEqual(eventToV1(STORED), shown);
  assert.deepEqual(eventFromV1(shown), STORED);
});

test('[KIN78] an event about nothing in particular is about an object without a name', () => {
  const { regarding: _left, ...rest } = eventToV1(STORED) as events.Event & { readonly regarding: object };
  assert.deepEqual(eventFromV1(rest).involvedObject, {});
});
