/** The file that tells a cluster's scheduler how to work. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataDir } from '#cli/data-dir';
import { readSchedulerConfig, whyNotSchedulerConfig } from './scheduler-config.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

test('[CLI60] the file is YAML; what is wrong with it is told with its field', () => {
  assert.equal(whyNotSchedulerConfig(`${HEAD}parallelism: 4`), undefined);
  assert.equal(whyNotSchedulerConfig(`${HEAD}foo: 4`), 'strict decoding error: unknown field "foo"');
  assert.match(whyNotSchedulerConfig(`${HEAD}kind: Twice`) ?? '', /duplicated mapping key/);
});

test('[CLI60] the file is read at every start, and need not be there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-scheduler-'));
  try {
    const dir = dataDir(folder);
    assert.equal(await readSchedulerConfig(dir), undefined);
    await writeFile(dir.schedulerConfig, `${HEAD}profiles:\n- schedulerName: mine\n`);
    assert.deepEqual(
      (await readSchedulerConfig(dir))?.profiles.map(({ schedulerName }) => schedulerName),
      ['mine'],
    );
    await writeFile(dir.schedulerConfig, `${HEAD}parallelism: 0`);
    await assert.rejects(readSchedulerConfig(dir), /scheduler\.yaml: parallelism: Invalid value: 0/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
