/** The named pipes between an exec'd process and us: containerd's shim opens their other ends. */
import { close, constants, open } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { callbackify, promisify } from 'node:util';
import { runCommand } from './run-command.ts';

export type ExecPipes = {
  /** Empty means: none. */
  readonly paths: { readonly stdin: string; readonly stdout: string; readonly stderr: string };
  /** Call once the process has started: before, a pipe seems to have ended. */
  read(): { readonly stdout: Socket; readonly stderr: Socket | undefined };
  /** Call once the process has started. `onEnd` tells the shim that no more will come. */
  write(onEnd: () => Promise<void>): Promise<Writable>;
  /** Removes the names, and the ends that `read` has not handed out. */
  remove(): Promise<void>;
};

const openFile = promisify(open);
const closeFile = promisify(close);

/** A terminal has one output. */
export async function openExecPipes(
  folder: string,
  streams: { readonly stdin: boolean; readonly tty: boolean },
): Promise<ExecPipes> {
  const path = (name: string, wanted: boolean): string => (wanted ? join(folder, name) : '');
  const paths = {
    stdin: path('stdin', streams.stdin),
    stdout: path('stdout', true),
    stderr: path('stderr', !streams.tty),
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await runCommand('mkfifo', ['-m', '600', ...Object.values(paths).filter((name) => name !== '')]);
  // The shim's own opening waits for a reader.
  const outputs = await Promise.all([paths.stdout, paths.stderr].filter((name) => name !== '').map(openForReading));
  let owned = outputs;
  return {
    paths,
    read: () => {
      owned = [];
      const [stdout, stderr] = outputs;
      return { stdout: readerOf(stdout), stderr: stderr === undefined ? undefined : readerOf(stderr) };
    },
    write: (onEnd) => openForWriting(paths.stdin, onEnd),
    remove: async () => {
      await Promise.all(owned.splice(0).map((descriptor) => closeFile(descriptor)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function openForReading(path: string): Promise<number> {
  return openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

function readerOf(descriptor: number | undefined): Socket {
  const socket = new Socket({
    ...(descriptor === undefined ? {} : { fd: descriptor }),
    readable: true,
    writable: false,
  });
  socket.on('error', () => undefined); // told by the end
  return socket;
}

async function openForWriting(path: string, onEnd: () => Promise<void>): Promise<Writable> {
  let descriptor: number;
  try {
    descriptor = await openFile(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    // Nobody reads: the process has ended already.
    if (error instanceof Error && 'code' in error && error.code === 'ENXIO') return discarding();
    throw error;
  }
  const socket = new Socket({ fd: descriptor, readable: false, writable: true });
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, done);
    },
    // A pipe cannot be shut down like a connection: it is closed, and what was written stays in it to be read.
    final: (done) => {
      socket.destroy();
      callbackify(onEnd)(done);
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('error', (error) => stdin.destroy(error));
  stdin.on('error', () => undefined); // a process may end before it has read all; its user has listeners of its own
  return stdin;
}

function discarding(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
