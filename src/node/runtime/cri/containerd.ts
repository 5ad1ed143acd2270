/** Keeps one containerd of our own running: adopts the one that runs, starts it otherwise, again whenever it dies. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { abortScope, isAbortOf } from '#base/abort';
import { backoffMs } from '#base/backoff';
import { errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import { RuntimeError } from '../runtime-error.ts';
import { containerdFile, planContainerdConfig } from './containerd-config.ts';
import type { ContainerdSettings } from './containerd-config.ts';
import { awaitContainerd } from './containerd-readiness.ts';
import { readHostFacts } from './host-facts.ts';
import { endLeftoverShims } from './leftover-shims.ts';
import { ensureMountNamespace } from './mount-namespace.ts';
import { endProcess, identify, isAlive, listProcesses } from './processes.ts';
import type { ProcessIdentity } from './processes.ts';

export type ContainerdOptions = {
  readonly settings: ContainerdSettings;
  /** A network namespace to run in, such as `/run/netns/node1`; absent: our own. */
  readonly netnsPath?: string;
  readonly world: World;
  readonly log: Logger;
};

export type Containerd = {
  readonly socketPath: string;
  /** The process that serves now; for tests and reports. */
  pid(): number | undefined;
  /** Stops watching over it; it and the containers run on, for the next agent to adopt. */
  leave(): Promise<void>;
  /** Ends it; the containers run on. */
  stop(): Promise<void>;
};

const WATCH_EVERY_MS = 200;
const STOP_GRACE_MS = 5_000;
const START_TIMEOUT_MS = 20_000;
const RESTART_BACKOFF = { baseMs: 100, capMs: 10_000 };
// A containerd that lived this long is not counted as failing at once again.
const STABLE_AFTER_MS = 30_000;
// What is reported of its log when it does not start.
const REPORTED_LINES = 5;
const LARGEST_LOG_BYTES = 8 * 1024 * 1024;
// A Unix socket's address has 108 bytes, its end marked by one.
const LONGEST_SOCKET_PATH = 107;

export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  const { settings, world, log } = options;
  const socketPath = containerdFile(settings.paths, 'socket');
  if (Buffer.byteLength(socketPath) > LONGEST_SOCKET_PATH) {
    throw new RuntimeError(
      'Failed',
      `Cannot use "${socketPath}" as a socket: expected at most ${LONGEST_SOCKET_PATH} bytes`,
    );
  }
  let current = (await adopt(options)) ?? (await launch(options));
  const scope = abortScope();
  const watching = watch();
  const leave = async (): Promise<void> => {
    scope.abort();
    await watching;
  };
  return {
    socketPath,
    pid: () => current.pid,
    leave,
    stop: async () => {
      await leave();
      await endProcess(current, STOP_GRACE_MS, world.clock);
    },
  };

  async function watch(): Promise<void> {
    let failures = 0;
    let startedAtMs = world.clock.now();
    try {
      for (;;) {
        await world.clock.sleep(WATCH_EVERY_MS, scope.signal);
        if (await isAlive(current)) continue;
        if (world.clock.now() - startedAtMs > STABLE_AFTER_MS) failures = 0;
        log.warn('containerd has ended and is started again', { pid: current.pid, failures });
        await world.clock.sleep(backoffMs(failures, RESTART_BACKOFF, world.random), scope.signal);
        startedAtMs = world.clock.now();
        failures++;
        // A failed start leaves the dead one as the current one: the next round tries again, later.
        current = await launch(options).catch((error: unknown) => {
          log.error('Cannot start containerd', { reason: errorMessage(error) });
          return current;
        });
      }
    } catch (error) {
      if (!isAbortOf(error, scope.signal))
        log.error('Cannot watch over containerd any longer', { reason: errorMessage(error) });
    }
  }
}

/** The containerd an earlier agent has left running, if it runs with today's configuration. */
async function adopt(options: ContainerdOptions): Promise<ProcessIdentity | undefined> {
  const { settings, world, log } = options;
  const running = await findContainerd(containerdFile(settings.paths, 'config'));
  if (running === undefined) return undefined;
  const wanted = planContainerdConfig(settings, await readHostFacts());
  const has = await readFile(containerdFile(settings.paths, 'config'), 'utf8');
  if (has === wanted) {
    try {
      await awaitContainerd(containerdFile(settings.paths, 'socket'), {
        timeoutMs: START_TIMEOUT_MS,
        alive: () => isAlive(running),
        world,
      });
      log.info('adopted the running containerd', { pid: running.pid });
      return running;
    } catch (error) {
      log.warn('the running containerd does not answer and is replaced', {
        pid: running.pid,
        reason: errorMessage(error),
      });
    }
  }
  await endProcess(running, STOP_GRACE_MS, world.clock);
  return undefined;
}

/** Finds it by the configuration it was started with, which is ours alone. */
export async function findContainerd(configPath: string): Promise<ProcessIdentity | undefined> {
  const all = await listProcesses();
  return all.find(({ command }) => command.includes('containerd') && command.includes(configPath));
}

async function launch({ settings, netnsPath, world, log }: ContainerdOptions): Promise<ProcessIdentity> {
  const { paths } = settings;
  const facts = await readHostFacts();
  if (facts.handlers.length === 0)
    throw new RuntimeError('Failed', 'Cannot start containerd: neither crun nor runc is installed');
  await Promise.all(
    [paths.rootDir, paths.stateDir, settings.cniConfDir, settings.registryDir].map((folder) =>
      mkdir(folder, { recursive: true, mode: 0o711 }),
    ),
  );
  const configPath = containerdFile(paths, 'config');
  await writeFile(configPath, planContainerdConfig(settings, facts), { mode: 0o600 });
  const namespace = await ensureMountNamespace(paths, facts.cgroups);
  const enter = [`--mount=${namespace}`, ...(netnsPath === undefined ? [] : [`--net=${netnsPath}`])];
  const started = await spawnDetached(
    'nsenter',
    [...enter, '--', 'containerd', '--config', configPath],
    containerdFile(paths, 'log'),
  );
  try {
    await awaitContainerd(containerdFile(paths, 'socket'), {
      timeoutMs: START_TIMEOUT_MS,
      alive: () => isAlive(started),
      world,
    });
  } catch (error) {
    await endProcess(started, STOP_GRACE_MS, world.clock);
    const words = await lastLines(containerdFile(paths, 'log'));
    throw new RuntimeError('Unavailable', `Cannot start containerd: ${words}`, { cause: error });
  }
  const leftoverShims = await endLeftoverShims(paths, world.clock);
  log.info('started containerd', { pid: started.pid, leftoverShims });
  return started;
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  return text.trimEnd().split('\n').slice(-REPORTED_LINES).join('\n');
}

/** A session of its own keeps it from the signals that end us. */
async function spawnDetached(program: string, args: readonly string[], logPath: string): Promise<ProcessIdentity> {
  await using output = await open(logPath, (await sizeOf(logPath)) > LARGEST_LOG_BYTES ? 'w' : 'a', 0o600);
  const child = spawn(program, [...args], { cwd: '/', detached: true, stdio: ['ignore', output.fd, output.fd] });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  const identity = await identify(child.pid ?? 0);
  if (identity === undefined)
    throw new RuntimeError('Failed', `Cannot start containerd: it ended at once, see ${logPath}`);
  return identity;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
