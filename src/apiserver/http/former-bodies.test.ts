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
    message:
      'Eviction in version "v1alpha1" cannot be handled as a Eviction: no kind "Eviction" is registered for version "policy/v1alpha1"',
  });
});
