/** Real kubectls of several versions reaching into a real container: over SPDY the old one, over WebSocket the new. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { aContainer } from '../builders/runtime.ts';
import { aPod } from '../contracts/runtime.contract.ts';
import type { TestPod } from '../contracts/runtime.contract.ts';
import { CLIENT_MINORS, kubectlPath } from '../../tools/kubectl.ts';
import type { ClientMinor } from '../../tools/kubectl.ts';
import { BUSYBOX_IMAGE, startContainerdFixture } from './containerd-fixture.ts';
import type { ContainerdFixture } from './containerd-fixture.ts';
import { startRemoteServer } from './remote-server.ts';
import type { RemoteServer } from './remote-server.ts';

// Prints what it reads, serves a page, and says at once that it lives.
const SCRIPT =
  'echo page > /tmp/index.html; httpd -p 127.0.0.1:8080 -h /tmp; echo up; while read l; do echo "got $l"; done';

describe('kubectl reaches into containers', () => {
  let fixture: ContainerdFixture;
  let pod: TestPod;
  let server: RemoteServer;
  before(async () => {
    fixture = await startContainerdFixture();
    const { runtime, world, log, folder, cgroup } = fixture;
    await mkdir(join(folder, 'logs'));
    pod = await aPod({ runtime, place: { logDirectory: join(folder, 'logs'), cgroup } }, 'reached');
    const container = aContainer('main', BUSYBOX_IMAGE, { command: ['sh', '-c', SCRIPT], stdin: true });
    const containerId = await pod.run(container);
    server = await startRemoteServer({ runtime, sandboxId: pod.id, containerId, tty: false, world, log });
  });
  after(async () => {
    server.close();
    await fixture.stop();
  });

  for (const minor of CLIENT_MINORS) {
    const kubectl = (...args: string[]) => start(minor, server, args);

    test(`[STR7] kubectl 1.${minor} execs: outputs, exit code and input to its end`, async () => {
      assert.deepEqual(await kubectl('exec', 'p', '--', 'sh', '-c', 'echo out; echo bad >&2').result(), {
        code: 0,
        stdout: 'out\n',
        stderr: 'bad\n',
      });
      const failed = await kubectl('exec', 'p', '--', 'sh', '-c', 'exit 5').result();
      assert.deepEqual([failed.code, failed.stderr], [5, 'command terminated with exit code 5\n']);
      const counted = await kubectl('exec', '-i', 'p', '--', 'wc', '-c').result('x'.repeat(1_000_000));
      assert.deepEqual([counted.code, counted.stdout], [0, '1000000\n']);
    });

    test(`[STR12] kubectl 1.${minor} gets every byte of a large output`, async () => {
      const { code, stdout } = await kubectl(
        'exec',
        'p',
        '--',
        'sh',
        '-c',
        'head -c 20000000 /dev/zero | tr "\\0" x',
      ).result();
      assert.deepEqual([code, stdout.length], [0, 20_000_000]);
    });

    test(`[STR4] kubectl 1.${minor} is told why a command cannot start`, async () => {
      const { code, stderr } = await kubectl('exec', 'p', '--', '/not/there').result();
      assert.equal(code, 1);
      assert.match(stderr, /Internal error occurred: error executing command in container: .*\/not\/there/);
    });

    test(`[STR5] kubectl 1.${minor} attaches to the container's own streams`, async () => {
      using attached = kubectl('attach', '-i', 'p');
      attached.type(`one ${minor}\n`);
      await attached.prints(`got one ${minor}`);
    });

    test(`[STR3] a process of kubectl 1.${minor} ends when kubectl is killed`, async () => {
      const command = `echo began; exec sleep 47${minor}`;
      using running = kubectl('exec', 'p', '--', 'sh', '-c', command);
      await running.prints('began');
      running.leave('SIGKILL');
      for (;;) {
        const { stdout } = await kubectl('exec', 'p', '--', 'ps').result();
        if (!stdout.includes(`sleep 47${minor}`)) break;
      }
    });

    test(`[STR6] kubectl 1.${minor} forwards a port, many connections through it, and is told of a closed one`, async () => {
      using forwarding = kubectl('port-forward', 'p', ':8080', ':8081');
      const [, open] = await forwarding.prints(/127\.0\.0\.1:(\d+) -> 8080/);
      const [, closed] = await forwarding.prints(/127\.0\.0\.1:(\d+) -> 8081/);
      const pages = await Promise.all(Array.from({ length: 8 }, () => pageOf(Number(open))));
      assert.deepEqual(pages.filter((page) => page.endsWith('page\n')).length, 8);
      await pageOf(Number(closed));
      await forwarding.prints(/error forwarding port 8081 to pod .*connection refused/);
    });
  }

  test('[STR2] a terminal of kubectl is one of the container, with its size', async () => {
    // `script` is the terminal that kubectl is told to be at.
    const command = `stty rows 33 cols 99; exec ${kubectlPath(35)} --server ${server.url} exec -it p -- sh -c 'stty size; tty; exit 3'`;
    const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
      env: environment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      screen += String(chunk);
    });
    await once(child, 'close');
    assert.match(screen, /33 99\r\n\/dev\/pts\/\d+\r\n/);
    assert.match(screen, /command terminated with exit code 3/);
  });
});

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: '/dev/null', HOME: '/nonexistent' };
}

type Running = Disposable & {
  /** Ends its input and resolves when it has ended. */
  result(input?: string): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  type(text: string): void;
  /** Resolves when it has printed that, to either output. */
  prints(text: string | RegExp): Promise<readonly string[]>;
  leave(signal?: NodeJS.Signals): void;
};

function start(minor: ClientMinor, { url }: RemoteServer, args: readonly string[]): Running {
  const child = spawn(kubectlPath(minor), ['--server', url, ...args], { env: environment(), stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('latin1');
  });
  child.stdin.on('error', () => undefined); // it may end before it has read all
  const closed = once(child, 'close');
  return {
    result: async (input = '') => {
      child.stdin.end(input);
      const [code] = (await closed) as [number | null];
      return { code, stdout, stderr };
    },
    type: (text) => child.stdin.write(text),
    prints: async (text) => {
      for (;;) {
        const match =
          typeof text === 'string' ? (stdout.includes(text) ? [text] : null) : (text.exec(stdout) ?? text.exec(stderr));
        if (match !== null) return [...match];
        if (child.exitCode !== null) throw new Error(`kubectl ended early: ${stderr}`);
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), closed]);
      }
    },
    leave: (signal = 'SIGTERM') => child.kill(signal),
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
}

async function pageOf(port: number): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined); // a refused forward resets it
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += String(chunk);
  });
  socket.write('GET / HTTP/1.0\r\n\r\n');
  await new Promise((resolve) => {
    socket.once('close', resolve);
  });
  return text;
}
