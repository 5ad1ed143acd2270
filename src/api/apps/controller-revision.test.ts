import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newMeta, updateErrors } from '#test/builders/kinds';
import { ControllerRevision } from './controller-revision.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');
const OWNER = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true };

const aRevision = (parts: Partial<ControllerRevision> = {}): ControllerRevision => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { ...newMeta('web-1'), ownerReferences: [OWNER] },
  data: { spec: { template: {} } },
  revision: 3,
  ...parts,
});

test('[WRK10] a revision has data and a place in history', () => {
  const { data: _, ...empty } = aRevision({ revision: -1 });
  assert.deepEqual(create(ControllerRevision, empty as ControllerRevision).errors, [
    'data: Required value: data is mandatory',
    'revision: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

test('[WRK10] the data never changes, the place may', () => {
  const stored = aRevision();
  assert.deepEqual(updateErrors(ControllerRevision, { stored, next: aRevision({ revision: 4 }) }), []);
  assert.deepEqual(updateErrors(ControllerRevision, { stored, next: aRevision({ data: { other: 1 } }) }), [
    'data: Invalid value: {"other":1}: field is immutable',
  ]);
});

test('[WRK10] the table shows whose revision it is', () => {
  const row = (revision: ControllerRevision): readonly unknown[] =>
    ControllerRevision.columns.map(({ name, cell }) => [name, cell(revision, NOW_MS)]);
  assert.deepEqual(row(aRevision()), [
    ['Name', 'web-1'],
    ['Controller', 'statefulset.apps/web'],
    ['Revision', 3],
    ['Age', '5m'],
  ]);
  assert.deepEqual(row({ ...aRevision(), metadata: newMeta('web-1') })[1], ['Controller', '<none>']);
});
