/** Memory file systems: made with `mount`, found in the kernel's table. */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function isMounted(path: string): Promise<boolean> {
  return (await mountPoints()).includes(path);
}

/** Mount points at or below `path`, the deepest first. */
async function mountsBelow(path: string): Promise<readonly string[]> {
  const points = await mountPoints();
  return points.filter((point) => point === path || point.startsWith(`${path}/`)).toReversed();
}

/** `sizeBytes` absent: half of the machine's memory, as the kernel has it. */
export async function mountMemory(path: string, sizeBytes?: number): Promise<void> {
  if (await isMounted(path)) return;
  await mkdir(path, { recursive: true });
  const options = sizeBytes === undefined ? 'mode=0777' : `mode=0777,size=${sizeBytes}`;
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
}

export async function unmountBelow(path: string): Promise<void> {
  for (const point of await mountsBelow(path)) await run('umount', [point]);
}

async function mountPoints(): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path !== '')
    .map(unescape);
}

/** The kernel writes spaces and the like as `\040`. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
