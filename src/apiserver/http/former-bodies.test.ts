import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObjectBody } from './decode-body.ts';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };

function decode(apiVersion: string): unknown {
  const bytes = Buffer.from(JSON.stringify({ apiVersion, kind: 'Eviction', metadata: { name: 'web' } }));
  const expected = { type: EVICTION, fieldValidation: 'Strict' } as const;
  return decodeObjectBody({ bytes, contentType: 'application/json' }, expected).object.metadata.name;
}

test('[FRM13] evictions are taken in the version in which older clients send them', () => {
  assert.deepEqual([decode('policy/v1'), decode('policy/v1beta1')], ['web', 'web']);
  assert.throws(() => decode('policy/v1alpha1'), {
    message: 'the API version in the data (policy/v1alpha1) does not match the expected API version (policy/v1)',
  });
});
