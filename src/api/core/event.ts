/** A report of something that happened to an object. */
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';

export type Event = core.Event;

export const Event = defineResource<Event>(
  {
    group: '',
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    namespaced: true,
  },
  { shortNames: ['ev'] },
);
