/** What a cluster was created with stays what it is. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dataDir } from './data-dir.ts';
import { CommandError } from './exit.ts';
import { type AskedSettings, assertSameSettings, readSettings, saveSettings, type Settings } from './settings.ts';

const SETTINGS: Settings = {
  id: '0a1b2c3d',
  listen: '0.0.0.0:6443',
  podCidr: '198.18.0.0/20',
  serviceCidr: '198.19.0.0/20',
  runtime: 'hollow',
  hollowNodes: 2,
  store: 'sqlite',
  nodeName: 'host',
  nodeIp: '198.19.250.1',
};

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-settings-'));
});

after(async () => {
  await rm(folder, { recursive: true });
});

test('[CLI2] settings are read as they were saved, from a file that is private', async () => {
  const dir = dataDir(join(folder, 'new', 'cluster'));
  await saveSettings(dir, SETTINGS);
  assert.deepEqual(await readSettings(dir), SETTINGS);
  assert.equal((await stat(dir.settings)).mode & 0o777, 0o600);
});

test('[CLI2] a directory without a cluster ends with 3, a file that is damaged with 1', async () => {
  const absent = dataDir(join(folder, 'absent'));
  await assert.rejects(
    readSettings(absent),
    new CommandError(3, `No cluster in ${absent.path}: start one with "tutti up --data-dir ${absent.path}"`),
  );
  const damaged = dataDir(folder);
  await writeFile(damaged.settings, '{"id":');
  await assert.rejects(readSettings(damaged), (error: CommandError) => {
    assert.equal(error.exitCode, 1);
    assert.match(
      error.message,
      /cluster\.json: it is not JSON; restore it, or remove the cluster with "tutti down --purge"$/,
    );
    return true;
  });
});

test('[CLI3] a flag that older clusters do not know of is what they do anyway', () => {
  assert.doesNotThrow(() => assertSameSettings(SETTINGS, { automaticRollback: 'on' }));
  assert.throws(
    () => assertSameSettings(SETTINGS, { automaticRollback: 'off' }),
    /^CommandError: Cannot change --automatic-rollback of an existing cluster: it is on, asked for off;/,
  );
});

test('[CLI3] flags that say what is so already change nothing; every other is refused by its name', () => {
  const { id: _, ...asked } = SETTINGS;
  assert.doesNotThrow(() => assertSameSettings(SETTINGS, asked));
  assert.doesNotThrow(() => assertSameSettings(SETTINGS, {}));
  const others: readonly (readonly [AskedSettings, string])[] = [
    [{ listen: '0.0.0.0:1' }, '--listen of an existing cluster: it is 0.0.0.0:6443, asked for 0.0.0.0:1'],
    [{ podCidr: '10.0.0.0/20' }, '--pod-cidr of an existing cluster: it is 198.18.0.0/20, asked for 10.0.0.0/20'],
    [
      { serviceCidr: '10.0.0.0/20' },
      '--service-cidr of an existing cluster: it is 198.19.0.0/20, asked for 10.0.0.0/20',
    ],
    [{ runtime: 'cri' }, '--runtime of an existing cluster: it is hollow, asked for cri'],
    [{ hollowNodes: 0 }, '--hollow-nodes of an existing cluster: it is 2, asked for 0'],
    [{ store: 'memory' }, '--store of an existing cluster: it is sqlite, asked for memory'],
    [{ nodeName: 'other' }, '--node-name of an existing cluster: it is host, asked for other'],
    [{ nodeIp: '127.0.0.1' }, '--node-ip of an existing cluster: it is 198.19.250.1, asked for 127.0.0.1'],
  ];
  for (const [other, says] of others)
    assert.throws(
      () => assertSameSettings(SETTINGS, other),
      (error: CommandError) => {
        assert.equal(error.exitCode, 2);
        assert.equal(
          error.message,
          `Cannot change ${says}; use another --data-dir, or remove this one with "tutti down --purge"`,
        );
        return true;
      },
    );
});

test('[EXP10] the column that says why may be switched in a cluster that there is', () => {
  assert.doesNotThrow(() => assertSameSettings({ ...SETTINGS, whyColumn: 'on' }, { whyColumn: 'off' }));
});
