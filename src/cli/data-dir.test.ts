/** Where a cluster keeps everything, for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { dataDir, defaultDataDir } from './data-dir.ts';

const ROOT_USER = 0;
const ORDINARY_USER = 1000;

test("[CLI1] root has the machine's data directory, others their own, and everybody the one the environment names", () => {
  assert.equal(defaultDataDir({}, ROOT_USER), '/var/lib/tutti');
  assert.equal(defaultDataDir({}, ORDINARY_USER), join(homedir(), '.local/share/tutti'));
  assert.equal(defaultDataDir({ XDG_DATA_HOME: '/data' }, ORDINARY_USER), '/data/tutti');
  assert.equal(defaultDataDir({ XDG_DATA_HOME: '' }, ORDINARY_USER), join(homedir(), '.local/share/tutti'));
  assert.equal(defaultDataDir({ TUTTI_DATA_DIR: '/here', XDG_DATA_HOME: '/data' }, ORDINARY_USER), '/here');
  assert.equal(defaultDataDir({ TUTTI_DATA_DIR: '/here' }, ROOT_USER), '/here');
});

test('[CLI1] every path is absolute and below the directory', () => {
  const { path, ...files } = dataDir('relative');
  assert.equal(path, join(process.cwd(), 'relative'));
  for (const file of Object.values(files)) assert.ok(file.startsWith(`${path}/`), file);
});
