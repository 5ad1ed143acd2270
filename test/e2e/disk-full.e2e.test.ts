/** A full disk, really: the database is on a small file system that another file fills. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { KINDS } from '#api/kinds';
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { ServiceAccount } from '#api/core/service-account';
import { isApiError } from '#api/errors';
import { systemWorld } from '#base/world';
import { createPipeline } from '#apiserver/pipeline';
import { inProcessClient } from '#client/in-process';
import { openStore } from '#store/mvcc-store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';

const run = promisify(execFile);
const ADMIN = { name: 'admin', groups: ['system:masters'] };

test('[STO16] a full disk refuses writes and says so, serves reads, and takes writes again when there is space', async () => {
  await using disk = await smallDisk(8);
  const world = systemWorld();
  await using store = await openStore({ engine: sqliteEngine({ path: join(disk.path, 'store.db') }), world });
  const { handle } = createPipeline({ store, kinds: KINDS, world, serviceCidr: '198.19.0.0/24' });
  const client = inProcessClient(handle, ADMIN);
  await client.create(Namespace, { metadata: { name: 'default' }, spec: {} });
  await client.create(ServiceAccount, {
    metadata: { namespace: 'default', name: 'default' },
    automountServiceAccountToken: false,
  });
  const create = (name: string, size: number) =>
    client.create(ConfigMap, { metadata: { namespace: 'default', name }, data: { text: 'x'.repeat(size) } });
  await create('before', 10);
  await fill(join(disk.path, 'filler'));

  const refusals = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    refusals.push(await create(`refused-${attempt}`, 200_000).then(String, (error: unknown) => error));
  }
  for (const refusal of refusals) {
    assert.ok(isApiError(refusal, 'ServiceUnavailable'), String(refusal));
    assert.match(refusal.message, /full/);
  }
  const names = async () => (await client.list(ConfigMap)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(await names(), ['before']);

  await rm(join(disk.path, 'filler'));
  await create('after', 200_000);
  assert.deepEqual(await names(), ['after', 'before']);
});

async function smallDisk(mebibytes: number): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'tutti-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tutti-test', path]);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run('umount', [path]);
      await rmdir(path);
    },
  };
}

/** Writes until nothing more fits. */
async function fill(path: string): Promise<void> {
  const piece = Buffer.alloc(64 * 1024);
  for (;;) {
    try {
      await writeFile(path, piece, { flag: 'a' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
  }
}
