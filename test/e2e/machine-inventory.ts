/** Everything on a machine that a cluster could leave behind, in comparable lines. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './cluster.ts';
import type { OwnMachine } from './own-machine.ts';

export type Inventory = Readonly<Record<string, readonly string[]>>;

const commands = (folder: string): Readonly<Record<string, readonly [string, ...string[]]>> => ({
  links: ['ip', '-brief', 'link'],
  addresses: ['ip', '-brief', 'address'],
  routes: ['ip', 'route', 'show', 'table', 'all'],
  rules: ['ip', 'rule'],
  tables: ['nft', 'list', 'ruleset'],
  settings: ['find', '/proc/sys/net', '-type', 'f', '-readable', '-exec', 'grep', '-sH', '.', '{}', '+'],
  files: ['find', folder, '/run', '/etc', '/opt', '/var/lib', '/usr/lib/cni'],
});
// What changes by itself, by others who share the disk, or is the user's cache of compiled code.
const RESTLESS = /conntrack_count|\/home\/\.cache/;
const CGROUPS = '/sys/fs/cgroup';

/** Cgroups are shared by the whole machine: only those whose name holds `cluster` count, or all when it is absent. */
export async function takeInventory(machine: OwnMachine, cluster: string): Promise<Inventory> {
  const listed = await Promise.all(
    Object.entries(commands(machine.folder)).map(async ([name, [program, ...args]]) => {
      const { stdout } = await machine.run(program, ...args);
      return [name, sorted(stdout.split('\n'))] as const;
    }),
  );
  const cgroups = must(await machine.run('find', CGROUPS, '-type', 'd', '-name', `*${cluster}*`)).split('\n');
  return { ...Object.fromEntries(listed), cgroups: sorted(cgroups), ...(await processesAndMounts(machine)) };
}

async function processesAndMounts({ proc }: OwnMachine): Promise<Inventory> {
  const ids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const read = async (id: string, file: string): Promise<string> =>
    // A process may end while it is looked at.
    await readFile(join(proc, id, file), 'utf8').catch(() => '');
  const running = await Promise.all(ids.map(async (id) => (await read(id, 'cmdline')).replaceAll('\0', ' ').trim()));
  const mounts = await Promise.all(ids.map(async (id) => (await read(id, 'mountinfo')).split('\n').map(mountOf)));
  return { processes: sorted(running), mounts: sorted([...new Set(mounts.flat())]) };
}

/** Where what is mounted, without the numbers that the kernel counts up. */
function mountOf(line: string): string {
  const [, , , from, to, ...rest] = line.split(' ');
  return to === undefined ? '' : `${from} on ${to} type ${rest[rest.indexOf('-') + 1]}`;
}

const sorted = (lines: readonly string[]): readonly string[] =>
  lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !RESTLESS.test(line))
    .toSorted();
