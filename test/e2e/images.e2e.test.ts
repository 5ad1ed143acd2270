/** The shipped images in real containers: imported, answering, resolving names, stopping. Needs root and apt. */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildImage } from '#node/images/build-image';
import { loadRecipes } from '#node/images/load-recipes';

const run = promisify(execFile);
const NGINX = 'docker.io/library/nginx:1.20';
const LATER_NGINX = 'docker.io/library/nginx:1.22';
const BUSYBOX = 'docker.io/library/busybox:1.36';

let folder: string;
let namespace: string;
const children: ChildProcess[] = [];
const tasks = new Set<string>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-images-'));
  namespace = basename(folder);
  await run('ip', ['netns', 'add', namespace]);
  await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  await startContainerd();
  const recipes = await loadRecipes();
  for (const recipe of recipes) {
    const { archivePath } = await buildImage(recipe, { cacheDir: join(tmpdir(), 'tutti-test-images') });
    await ctr('image', 'import', archivePath);
  }
  const resolver = 'nameserver 127.0.0.1\nsearch default.svc.cluster.local svc.cluster.local\noptions ndots:5\n';
  await writeFile(join(folder, 'resolv.conf'), resolver);
});

after(async () => {
  for (const task of tasks) await stop(task, 'SIGKILL');
  for (const child of children.toReversed()) await end(child);
  await run('ip', ['netns', 'del', namespace]);
  await rm(folder, { recursive: true, force: true });
});

test('[IMG40] containerd has every image under its names', async () => {
  const names = (await loadRecipes()).flatMap((recipe) => recipe.names);
  assert.deepEqual((await ctr('image', 'list', '-q')).trim().split('\n').toSorted(), names.toSorted());
});

test('[IMG42] nginx answers with its pod and its tag', async () => {
  const seen = [];
  for (const image of [NGINX, LATER_NGINX]) {
    await start('web', image);
    const answers = await Promise.all(
      ['health', 'ready', 'version', ''].map((path) => fetchInside(`127.0.0.1/${path}`)),
    );
    seen.push({
      bodies: answers.slice(0, 3).map(({ body }) => body),
      headers: answers.map(({ headers }) => headers['x-image-version']),
    });
    const page = answers[3];
    assert.ok(page?.headers['x-pod'] !== undefined && page.headers['x-pod'] !== '');
    assert.match(page.body, new RegExp(`Served by pod <code>${page.headers['x-pod']}</code>`));
    assert.equal(await stop('web', 'SIGQUIT'), 0);
  }
  assert.deepEqual(seen, [
    { bodies: ['healthy\n', 'ready\n', '1.20\n'], headers: ['1.20', '1.20', '1.20', '1.20'] },
    { bodies: ['healthy\n', 'ready\n', '1.22\n'], headers: ['1.22', '1.22', '1.22', '1.22'] },
  ]);
});

test('[IMG41] wget in busybox finds a service by its short name', async () => {
  await inside(process.execPath, [fileURLToPath(new URL('web-service-names.ts', import.meta.url))], 'ready');
  await start('web', NGINX);
  const resolver = `type=bind,src=${join(folder, 'resolv.conf')},dst=/etc/resolv.conf,options=rbind:ro`;
  const client = ['run', '--rm', '--mount', resolver, ...network(), BUSYBOX, 'client'];
  assert.equal(await ctr(...client, 'wget', '-qO-', 'http://web-service/version'), '1.20\n');
  assert.equal(await stop('web', 'SIGQUIT'), 0);
});

test('[IMG43] draining asks clients to leave, and then nothing fails when nginx stops', async () => {
  await start('web', NGINX);
  const load = await inside(process.execPath, [fileURLToPath(new URL('keep-alive-load.ts', import.meta.url))]);
  let report = '';
  load.stdout?.setEncoding('utf8').on('data', (text: string) => (report += text));
  await untilAccessed(2000);
  await ctr('task', 'exec', '--exec-id', 'drain', 'web', 'touch', '/run/draining');
  await untilAccessed(4000);
  load.stdin?.end();
  await once(load, 'close');
  const { answered, askedToLeave, failures } = JSON.parse(report) as Record<string, unknown>;
  assert.deepEqual(failures, []);
  assert.ok(Number(answered) >= 4000 && Number(askedToLeave) > 100, report);
  assert.equal(await stop('web', 'SIGQUIT'), 0);
});

test('[IMG44] the demo serves its page without root and stops at once; so does pause', async () => {
  await start('demo', 'tutti.local/demo:1');
  await start('pause', 'tutti.local/pause:1');
  assert.match((await fetchInside('127.0.0.1:8080/')).body, /<title>Tutti is playing<\/title>/);
  assert.match((await fetchInside('127.0.0.1:8080/cgi-bin/pod')).body, /^\S+\n$/);
  const { stdout } = await run('ps', ['-o', 'uid=', '-p', await processId('demo')]);
  assert.equal(stdout.trim(), '65534');
  assert.equal(await stop('demo', 'SIGTERM'), 143);
  assert.equal(await stop('pause', 'SIGTERM'), 0);
});

async function startContainerd(): Promise<void> {
  const config = [
    'version = 2',
    `root = "${folder}/root"`,
    `state = "${folder}/state"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    `[grpc]\naddress = "${folder}/socket"`,
  ];
  await writeFile(join(folder, 'config.toml'), config.join('\n'));
  const child = spawn('containerd', ['-c', join(folder, 'config.toml')], { stdio: 'ignore' });
  children.push(child);
  await until(async () => (await ctr('version').catch(() => undefined)) !== undefined);
}

async function ctr(...parameters: readonly string[]): Promise<string> {
  return (await run('ctr', [...connection(), ...parameters])).stdout;
}

function connection(): readonly string[] {
  return ['-a', join(folder, 'socket'), '-n', 'k8s.io'];
}

function network(): readonly string[] {
  return ['--with-ns', `network:/run/netns/${namespace}`];
}

async function start(task: string, image: string): Promise<void> {
  tasks.add(task);
  // Without a reader of its output a server blocks as soon as the pipe is full, hence a file.
  await rm(join(folder, `${task}.log`), { force: true });
  await ctr('run', '-d', '--log-uri', `file://${join(folder, `${task}.log`)}`, ...network(), image, task);
  const port = { web: '127.0.0.1/ready', demo: '127.0.0.1:8080/health' }[task];
  if (port !== undefined) await until(async () => (await fetchInside(port).catch(() => undefined)) !== undefined);
}

/** Ends the task with the signal and answers with its exit code. */
async function stop(task: string, signal: string): Promise<number> {
  await ctr('task', 'kill', '-s', signal, task);
  await until(async () =>
    /STOPPED/.test((await ctr('task', 'list')).split('\n').find((line) => line.startsWith(`${task} `)) ?? ''),
  );
  // ctr ends with 0 here whatever the task did, and mentions any other exit code of the task.
  const { stderr } = await run('ctr', [...connection(), 'task', 'delete', task]);
  await ctr('container', 'delete', task);
  tasks.delete(task);
  return Number(/non-zero exit code (\d+)/.exec(stderr)?.[1] ?? 0);
}

async function processId(task: string): Promise<string> {
  const line = (await ctr('task', 'list')).split('\n').find((text) => text.startsWith(`${task} `));
  return line?.split(/\s+/)[1] ?? '';
}

type Answer = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

async function fetchInside(address: string): Promise<Answer> {
  const command = ['--net=/run/netns/' + namespace, process.execPath, '-e', FETCH, `http://${address}`];
  return JSON.parse((await run('nsenter', command)).stdout) as Answer;
}

const FETCH = `fetch(process.argv[1]).then(async (answer) => {
  if (!answer.ok) throw new Error(answer.statusText);
  console.log(JSON.stringify({ headers: Object.fromEntries(answer.headers), body: await answer.text() }));
})`;

/** Starts a program inside the network namespace; with a word to wait for, waits until it prints it. */
async function inside(program: string, parameters: readonly string[], word?: string): Promise<ChildProcess> {
  const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, program, ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  if (word !== undefined) assert.equal(String((await once(child.stdout, 'data'))[0]).trim(), word);
  return child;
}

/** Waits until nginx has logged that many requests. */
async function untilAccessed(count: number): Promise<void> {
  await until(async () => (await readFile(join(folder, 'web.log'), 'utf8')).split('\n').length >= count);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill();
  await gone;
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isDone()); tries++) {
    assert.ok(tries < 300, 'waited too long');
    await sleep(50);
  }
}
