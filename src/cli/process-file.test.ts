/** A process id alone does not tell whose process it is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isRunning, processOf, recordProcess, runningProcess } from './process-file.ts';

let file: string;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-process-'));
  file = join(folder, 'tutti.pid');
});

after(async () => {
  await rm(folder, { recursive: true });
});

test('[CLI4] a recorded process is found while it runs, and not when it has ended', async () => {
  const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
  await once(child, 'spawn');
  assert.ok(child.pid);
  await recordProcess(file, child.pid);
  assert.equal((await runningProcess(file))?.pid, child.pid);
  const ended = once(child, 'exit');
  child.stdin.end();
  await ended;
  assert.equal(await runningProcess(file), undefined);
});

test('[CLI4] a process that was given the id of an earlier one is not that one', async () => {
  const { pid, startTime } = processOf(process.pid);
  assert.equal(isRunning({ pid, startTime }), true);
  await writeFile(file, JSON.stringify({ pid, startTime: `${Number(startTime) - 1}` }));
  assert.equal(await runningProcess(file), undefined);
});

test('[CLI4] without a file nothing runs', async () => {
  assert.equal(await runningProcess(join(folder, 'absent')), undefined);
});
