/** A machine of its own for a test: processes, mounts, network, /run and temporary files that nobody else uses, so that whatever is left was left by us. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Output, ROOT, runOn } from './cluster.ts';
import { type Host, type Hosts, makeHosts } from './network-namespace.ts';

export type OwnMachine = AsyncDisposable & {
  readonly host: Host;
  /** Another machine on its network. */
  readonly client: Host;
  /** Where its processes are listed. */
  readonly proc: string;
  /** Its own folder, for data directories; its temporary files are there too. */
  readonly folder: string;
  run(program: string, ...args: readonly string[]): Promise<Output>;
};

// What others have mounted is none of ours; `mount` keeps a folder of its own in /run.
const PREPARE = [
  `awk '$5 ~ "^/(run|tmp)/" { print $5 }' /proc/self/mountinfo | tac | xargs --no-run-if-empty umount --lazy`,
  'mount -t tmpfs tmpfs /run && mkdir /run/mount',
  'mount -t tmpfs tmpfs /var/lib',
  'echo ready',
  'exec catatonit -- sleep infinity',
].join('; ');

export async function startOwnMachine(): Promise<OwnMachine> {
  await using starting = new AsyncDisposableStack();
  const hosts = starting.use(await makeHosts());
  const folder = await mkdtemp(join(tmpdir(), 'tutti-machine-'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['home', 'tmp', 'data']) await mkdir(join(folder, name));
  const first = await startFirstProcess(hosts, starting);
  const environment = ['env', '-u', 'XDG_CACHE_HOME', `HOME=${join(folder, 'home')}`, `TMPDIR=${join(folder, 'tmp')}`];
  const enter = [`--target=${first}`, '--mount', '--pid', '--net', `--wd=${ROOT}`, '--', ...environment];
  const host: Host = { ...hosts.node, command: (program, line) => ['nsenter', [...enter, program, ...line]] };
  const held = starting.move();
  return {
    host,
    client: hosts.client,
    proc: `/proc/${first}/root/proc`,
    folder,
    run: (program, ...line) => runOn(host, program, line),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function startFirstProcess(hosts: Hosts, held: AsyncDisposableStack): Promise<number> {
  const separate = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const [program, args] = hosts.node.command('unshare', [...separate, 'sh', '-c', PREPARE]);
  const holder = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  held.defer(async () => {
    // The first process of a process namespace takes all the others with it.
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
  });
  await once(holder.stdout, 'data');
  return await onlyChildOf(holder.pid ?? 0);
}

async function onlyChildOf(pid: number): Promise<number> {
  return Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}
