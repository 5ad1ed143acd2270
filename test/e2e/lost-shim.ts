/** A shim as containerd leaves it when it is killed before it has noted where the shim listens. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#node/runtime/cri/run-command';

/** Dispose when the shim has ended: until then it logs. */
export async function startLostShim(folder: string, socketPath: string): Promise<AsyncDisposable> {
  const bundle = join(folder, 'lost-shim');
  await mkdir(bundle);
  await writeFile(join(bundle, 'config.json'), '{}');
  const log = join(bundle, 'log');
  await runCommand('mkfifo', [log]);
  const reader = await open(log, 'r+'); // opened for reading alone, it would wait for the shim
  const names = ['-namespace', 'k8s.io', '-id', 'lost', '-address', socketPath];
  const env = { ...process.env, TTRPC_ADDRESS: `${socketPath}.ttrpc` };
  // The shim it starts keeps whatever outputs it is given.
  const starter = spawn('containerd-shim-runc-v2', [...names, 'start'], { cwd: bundle, env, stdio: 'ignore' });
  assert.deepEqual(await once(starter, 'exit'), [0, null]);
  return reader;
}
