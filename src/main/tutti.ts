/** The entry point: gives the commands the real world and the parts, and exits as they end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemWorld } from '#base/world';
import { progressOn } from '#cli/output/progress';
import { runProgram } from '#cli/program';
import { httpsClient } from '#client/https/https-client';
import { loadKubeconfig } from '#client/https/kubeconfig';
import { composition } from './composition.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

const world = systemWorld();
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => ending.abort(new DOMException(`Ended by ${signal}`, 'AbortError')));
}

process.exitCode = await runProgram(
  {
    composition: composition({ world, version }),
    world,
    environment: process.env,
    userId: process.getuid?.() ?? 0,
    program: fileURLToPath(import.meta.url),
    launcher: join(ROOT, 'tutti'),
    print: (text) => process.stdout.write(`${text}\n`),
    progress: () => progressOn(process.stderr),
    connect: async (dir) => httpsClient({ ...(await loadKubeconfig(dir.kubeconfig)), world }),
    signal: ending.signal,
  },
  process.argv.slice(2),
  (line) => process.stderr.write(`${line}\n`),
);
