import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteOptionsOf } from '../registry/delete-options.ts';
import { optionsOf } from './query-options.ts';
import { warningHeader } from './respond.ts';

const options = (query: string): object => optionsOf(new URLSearchParams(query));

test('[SRV22] query parameters become options; unknown and empty ones count for nothing', () => {
  assert.deepEqual(options('limit=5&labelSelector=a%3Db&junk=1&continue=&timeout=32s'), {
    limit: 5,
    labelSelector: 'a=b',
  });
  assert.deepEqual(options('allowWatchBookmarks=1&sendInitialEvents=false&dryRun=All&orphanDependents=true'), {
    allowWatchBookmarks: true,
    sendInitialEvents: false,
    dryRun: true,
    propagationPolicy: 'Orphan',
  });
});

test('[SRV23] parameters that make no sense are refused', () => {
  const refused = (query: string, reason: string) => assert.throws(() => options(query), { reason }, query);
  refused('limit=many', 'BadRequest');
  refused('dryRun=Some', 'Invalid');
  refused('fieldValidation=Maybe', 'Invalid');
  refused('resourceVersionMatch=Older', 'Invalid');
  refused('propagationPolicy=Gently', 'Invalid');
});

test('[SRV36] options that make no sense are refused under the name of the options of the verb', () => {
  const query = new URLSearchParams('dryRun=Some');
  assert.throws(() => optionsOf(query, 'DeleteOptions'), {
    message: 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  });
  assert.throws(() => deleteOptionsOf({ propagationPolicy: 'Gently' }), {
    message:
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Gently": supported values: "Foreground", "Background", "Orphan", "nil"',
  });
  assert.throws(() => deleteOptionsOf({ propagationPolicy: 'Orphan', orphanDependents: true }), {
    message:
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
  });
});

test('[SRV7] a warning is one quoted line of printable ASCII', () => {
  assert.equal(warningHeader('say "no"\r\nX-Evil: \u{1f600}\\'), '299 - "say \\"no\\"  X-Evil:   \\\\"');
});
