import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatApiVersion, parseApiVersion } from './api-version.ts';

test('[API9] an apiVersion splits into group and version, and joins again', () => {
  assert.deepEqual(parseApiVersion('apps/v1'), { group: 'apps', version: 'v1' });
  assert.deepEqual(parseApiVersion('v1'), { group: '', version: 'v1' });
  for (const text of ['v1', 'apps/v1']) assert.equal(formatApiVersion(parseApiVersion(text)), text);
});
