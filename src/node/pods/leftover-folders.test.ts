import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '#base/log';
import type { AgentContext } from './agent-context.ts';
import { removeLeftoverFolders } from './leftover-folders.ts';

test('[NOD155] folders of pods that nobody knows are removed, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-left-'));
  const dirs = { podsDir: join(folder, 'pods'), logsDir: join(folder, 'logs') };
  for (const name of ['pods/known', 'pods/lost', 'pods/.secrets', 'logs/ns_a_known', 'logs/ns_b_lost', 'logs/other']) {
    await mkdir(join(folder, name, 'inside'), { recursive: true });
  }
  const tornDown: string[] = [];
  const volumes = { tearDown: async ({ metadata }: { metadata: { uid: string } }) => void tornDown.push(metadata.uid) };
  const agent = { node: { dirs }, volumes, logger: silentLogger() } as unknown as AgentContext;
  await removeLeftoverFolders(agent, (uid) => uid === 'known');
  assert.deepEqual(
    [(await readdir(dirs.podsDir)).toSorted(), (await readdir(dirs.logsDir)).toSorted()],
    [
      ['.secrets', 'known'],
      ['ns_a_known', 'other'],
    ],
  );
  assert.deepEqual(tornDown, ['lost', 'lost']);
  await removeLeftoverFolders(
    { ...agent, node: { ...agent.node, dirs: { podsDir: join(folder, 'no'), logsDir: join(folder, 'no') } } },
    () => false,
  );
  await rm(folder, { recursive: true });
});
