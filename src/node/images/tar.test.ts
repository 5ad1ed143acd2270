/** Tests of the tar writer, read back by the machine's own tar. */
import { execFileSync } from 'node:child_process';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeTar, type TarEntry } from './tar.ts';

const LONG = `${'deep/'.repeat(30)}file`;

const ENTRIES: readonly TarEntry[] = [
  { type: 'directory', name: 'dir', mode: 0o1777 },
  { type: 'file', name: 'dir/run', mode: 0o755, content: Buffer.from('#!/bin/sh\n') },
  { type: 'file', name: 'empty', mode: 0o600, content: Buffer.alloc(0) },
  { type: 'file', name: LONG, mode: 0o644, content: Buffer.from('x'.repeat(512)) },
  { type: 'symlink', name: 'link', target: 'dir/run' },
  { type: 'symlink', name: 'long-link', target: `/${LONG}` },
];

test('[IMG10] tar reads back names, modes, owners, times and link targets', () => {
  const listing = tar(['-tvf', '-', '--numeric-owner', '--full-time']).trim().split('\n');
  assert.deepEqual(
    listing.map((line) => line.replaceAll(/\s+/g, ' ')),
    [
      'drwxrwxrwt 0/0 0 2026-01-01 00:00:00 dir/',
      '-rwxr-xr-x 0/0 10 2026-01-01 00:00:00 dir/run',
      '-rw------- 0/0 0 2026-01-01 00:00:00 empty',
      `-rw-r--r-- 0/0 512 2026-01-01 00:00:00 ${LONG}`,
      'lrwxrwxrwx 0/0 0 2026-01-01 00:00:00 link -> dir/run',
      `lrwxrwxrwx 0/0 0 2026-01-01 00:00:00 long-link -> /${LONG}`,
    ],
  );
});

test('[IMG10] tar reads back the contents', () => {
  assert.equal(tar(['-xOf', '-', 'dir/run', LONG]), `#!/bin/sh\n${'x'.repeat(512)}`);
});

test('[IMG10] the same entries give the same bytes', () => {
  assert.deepEqual(encodeTar(ENTRIES), encodeTar(structuredClone(ENTRIES).map(withBuffer)));
});

// structuredClone turns a Buffer into a plain Uint8Array.
function withBuffer(entry: TarEntry): TarEntry {
  return entry.type === 'file' ? { ...entry, content: Buffer.from(entry.content) } : entry;
}

function tar(parameters: readonly string[]): string {
  return execFileSync('tar', parameters, {
    input: encodeTar(ENTRIES),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
}
