/** A controller revision: a state that a daemon set or a stateful set had, to tell pods apart by and to go back to. */
import { AGE_COLUMN, NAME_COLUMN, column, countColumn, NONE } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { controllerOf } from '../meta/owner-reference.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { defineResource } from '../resource.ts';
import type * as apps from '../types/apps-v1.ts';

export type ControllerRevision = apps.ControllerRevision;

export const ControllerRevision = defineResource<ControllerRevision>(
  {
    group: 'apps',
    version: 'v1',
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    namespaced: true,
  },
  {
    validateName: checkDnsSubdomain,
    validate: (revision) => [...validate(revision)],
    validateUpdate: ({ data }, stored) =>
      semanticEqual(data, stored.data) ? [] : [invalid('data', data, 'field is immutable')],
    columns: [
      NAME_COLUMN,
      column('Controller', 'Whose state it was.', controllerName),
      countColumn('Revision', 'Its place in the history.', ({ revision }) => revision ?? 0),
      AGE_COLUMN,
    ],
  },
);

function* validate({ data, revision = 0 }: ControllerRevision): Generator<FieldError> {
  // What a client leaves out is not there, whatever the type says.
  if ((data as unknown) === undefined) yield required('data', 'data is mandatory');
  if (revision < 0) yield invalid('revision', revision, 'must be greater than or equal to 0');
}

function controllerName(revision: ControllerRevision): string {
  const controller = controllerOf(revision);
  if (controller === undefined) return NONE;
  const { kind, name, apiVersion } = controller;
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  return `${kind.toLowerCase()}${group}/${name}`;
}
