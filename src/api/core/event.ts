/** A report of something that happened to an object. */
import { column, wideColumn } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import { ageOf } from '../meta/human-duration.ts';
import { byteLength, checkDnsSubdomain, checkQualifiedName } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { EVENT_V1_FIELDS, eventFromV1, eventToV1 } from './event-v1.ts';

export type Event = core.Event;

export const Event = defineResource<Event>(
  {
    group: '',
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    namespaced: true,
  },
  {
    createdByUpdates: true,
    shortNames: ['ev'],
    otherVersions: [
      {
        group: 'events.k8s.io',
        version: 'v1',
        toStored: eventFromV1,
        fromStored: eventToV1,
        fieldNames: EVENT_V1_FIELDS,
      },
    ],
    validateName: checkDnsSubdomain,
    validate: (event) => [...validate(event)],
    columns: [
      column('Last Seen', 'How long ago it last happened.', (event, nowMs) => ageOf(lastSeen(event), nowMs)),
      column('Type', 'Whether it is normal or a warning.', ({ type = '' }) => type),
      column('Reason', 'What happened, in one word.', ({ reason = '' }) => reason),
      column('Object', 'What it happened to.', objectOf),
      wideColumn('Subobject', 'Which part of the object.', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
      wideColumn('Source', 'Who reports it.', sourceOf),
      column('Message', 'What happened, in a sentence.', ({ message = '' }) => message.trim()),
      wideColumn('First Seen', 'How long ago it first happened.', (event, nowMs) => ageOf(firstSeen(event), nowMs)),
      wideColumn('Count', 'How often it happened.', ({ series, count }) => series?.count ?? (count || 1)),
      { ...wideColumn<Event>('Name', 'What the report is called.', ({ metadata }) => metadata.name), format: 'name' },
    ],
    selectableFields: {
      'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
      'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
      'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
      'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
      'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
      'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
      'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
      reason: ({ reason = '' }) => reason,
      reportingComponent: ({ reportingComponent = '' }) => reportingComponent,
      source: ({ source, reportingComponent = '' }) => source?.component || reportingComponent,
      type: ({ type = '' }) => type,
    },
  },
);

/** Reports of the newer form have one exact time; those of the older form say when it first and last happened. */
const isNewForm = ({ eventTime }: Event): boolean => Boolean(eventTime);

function* validate(event: Event): Generator<FieldError> {
  if (isNewForm(event)) yield* validateNewForm(event);
  else yield* validateNamespace(event);
}

/** A report lies beside what it is about; reports about cluster-wide objects lie in `default`. */
function* validateNamespace({ metadata, involvedObject }: Event): Generator<FieldError> {
  const { namespace = '' } = involvedObject;
  const expected = namespace === '' ? 'default' : namespace;
  if (metadata.namespace !== expected)
    yield invalid('involvedObject.namespace', namespace, 'does not match event.namespace');
}

const WORD_MAX_BYTES = 128;
const MESSAGE_MAX_BYTES = 1024;

function* validateNewForm(event: Event): Generator<FieldError> {
  const { metadata, involvedObject, reportingComponent = '', message = '' } = event;
  if (!involvedObject.namespace && !CLUSTER_NAMESPACES.includes(metadata.namespace ?? ''))
    yield invalid('involvedObject.namespace', '', 'does not match event.namespace');
  if (reportingComponent === '') yield required('reportingController');
  yield* validateName(reportingComponent, checkQualifiedName, 'reportingController');
  for (const key of ['reportingInstance', 'action', 'reason'] as const) yield* validateWord(event[key] ?? '', key);
  if (byteLength(message) > MESSAGE_MAX_BYTES)
    yield invalid('message', '', `can have at most ${MESSAGE_MAX_BYTES} characters`);
}

/** Where reports about cluster-wide objects lie. */
const CLUSTER_NAMESPACES: readonly string[] = ['default', 'kube-system'];

function* validateWord(word: string, field: string): Generator<FieldError> {
  if (word === '') yield required(field);
  if (byteLength(word) > WORD_MAX_BYTES) yield invalid(field, '', `can have at most ${WORD_MAX_BYTES} characters`);
}

const firstSeen = ({ firstTimestamp, eventTime }: Event): string | undefined => firstTimestamp || eventTime;

const lastSeen = (event: Event): string | undefined =>
  event.series === undefined ? event.lastTimestamp || firstSeen(event) : event.series.lastObservedTime;

function objectOf({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceOf({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const instance = source?.host || reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}
