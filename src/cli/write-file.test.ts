/** Files are replaced whole. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileAtomically } from './write-file.ts';

test('[CLI5] a file is replaced, its folders are made, and nothing else is left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-write-'));
  try {
    const path = join(folder, 'a', 'b', 'file');
    await writeFileAtomically(path, 'first');
    await writeFileAtomically(path, 'second', 0o644);
    assert.equal(await readFile(path, 'utf8'), 'second');
    assert.equal((await stat(path)).mode & 0o777, 0o644);
    assert.deepEqual(await readdir(join(folder, 'a', 'b')), ['file']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
