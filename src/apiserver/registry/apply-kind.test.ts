import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineResource } from '#api/resource';
import { schemaFor } from '#api/schema/schema';
import { applyKindOf, emptyObject } from './apply-kind.ts';

const SCHEMA = schemaFor({ group: 'apps', version: 'v1', kind: 'Deployment' })!;
const identity = { group: 'test.example', version: 'v2', kind: 'Thing', plural: 'things', namespaced: true };

test('[APL33] all versions of a custom kind are of one type and differ in name only', () => {
  const kind = applyKindOf(defineResource(identity, { schema: SCHEMA }));
  assert.ok(kind);
  const object = { apiVersion: 'test.example/v1', kind: 'Thing', spec: { replicas: 1 } };
  assert.equal(kind.typeIn('test.example/v1'), kind.typeIn('test.example/v2'));
  assert.equal(kind.typeIn('other.example/v1'), undefined);
  assert.deepEqual(kind.inVersion(object, 'test.example/v2'), { ...object, apiVersion: 'test.example/v2' });
  assert.equal(kind.inVersion(object, 'test.example/v1'), object);
});

test('[APL26] what the first apply finds is compared with an object in which nothing is said', () => {
  assert.equal(applyKindOf(defineResource(identity, {})), undefined);
  const kind = applyKindOf(
    defineResource({ ...identity, group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps' }, {}),
  );
  assert.ok(kind);
  const empty = emptyObject(kind, { apiVersion: 'v1', kind: 'ConfigMap' });
  assert.deepEqual(empty, { metadata: {}, apiVersion: 'v1', kind: 'ConfigMap' });
});
