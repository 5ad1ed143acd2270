import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { systemWorld } from '#base/world';
import { logFiles, rotatedName } from './log-files.ts';
import { parseLogLine } from './log-line.ts';
import { decodeLogQuery, type LogQuery } from './log-query.ts';
import { rotateIfLarge } from './log-rotation.ts';
import { lastLogLines } from './log-tail.ts';
import { readLog } from './read-log.ts';

const T = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.123456789Z`;
const line = (second: number, text: string, { stream = 'stdout', tag = 'F' } = {}): string =>
  `${T(second)} ${stream} ${tag} ${text}\n`;

async function aLog(content: string | Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-logs-'));
  const path = join(folder, '0.log');
  await writeFile(path, content);
  const read = async (query: Partial<LogQuery> = {}): Promise<string> => {
    const source = {
      path,
      query: { follow: false, previous: false, timestamps: false, ...query },
      world: systemWorld(),
      signal: new AbortController().signal,
      isRunning: () => false,
    };
    const pieces: Buffer[] = [];
    for await (const piece of readLog(source)) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };
  return { folder, path, read, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test('[NOD110] a line of a log file is its time, its stream, its tag and its text', () => {
  assert.deepEqual(parseLogLine(`${T(1)} stderr P half a line`), {
    time: T(1),
    stream: 'stderr',
    partial: true,
    text: 'half a line',
  });
  assert.deepEqual(parseLogLine(`${T(1)} stdout F `)?.text, '');
  assert.equal(parseLogLine('something else'), undefined);
});

test('[NOD111] parts of a line are joined', async () => {
  await using log = await aLog(line(1, 'one ', { tag: 'P' }) + line(1, 'line', { tag: 'F' }) + line(2, 'two'));
  assert.equal(await log.read(), 'one line\ntwo\n');
  assert.equal(await log.read({ timestamps: true }), `${T(1)} one line\n${T(2)} two\n`);
});

test('[NOD111] bytes are shown as they were written, even where a line is cut within a character', async () => {
  const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)];
  const cut = (tag: string, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`2026-01-01T00:00:01.5Z stdout ${tag} `), bytes, Buffer.from('\n')]);
  await using log = await aLog(Buffer.concat([cut('P', first), cut('F', second)]));
  assert.equal(await log.read({ timestamps: true }), '2026-01-01T00:00:01.500000000Z ü\n');
});

test('[NOD112] a client may ask for a stream, a time, a number of lines and a number of bytes', async () => {
  await using log = await aLog(
    [1, 2, 3, 4].map((each) => line(each, `line ${each}`, { stream: each % 2 === 0 ? 'stderr' : 'stdout' })).join(''),
  );
  assert.equal(await log.read({ stream: 'stderr' }), 'line 2\nline 4\n');
  assert.equal(await log.read({ sinceMs: Date.parse(T(3)) }), 'line 3\nline 4\n');
  assert.equal(await log.read({ tailLines: 2 }), 'line 3\nline 4\n');
  assert.equal(await log.read({ tailLines: 0 }), '');
  assert.equal(await log.read({ tailLines: 100 }), 'line 1\nline 2\nline 3\nline 4\n');
  assert.equal(await log.read({ limitBytes: 9 }), 'line 1\nli');
});

test('[NOD113] the last lines are found across rotated files', async () => {
  await using log = await aLog(line(3, 'three'));
  await writeFile(rotatedName(log.path, 1_000), line(1, 'one') + line(2, 'two ', { tag: 'P' }));
  await writeFile(rotatedName(log.path, 2_000), line(2, 'and half'));
  assert.equal(await log.read(), 'one\ntwo and half\nthree\n');
  assert.equal(await log.read({ tailLines: 1 }), 'three\n');
  assert.equal(await log.read({ tailLines: 3 }), 'one\ntwo and half\nthree\n');
});

test('[NOD113] asking for the last lines gives the end of what all lines are', async () => {
  const entries = fc.array(
    fc.record({ text: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), partial: fc.boolean() }),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(entries, fc.nat({ max: 45 }), async (parts, tailLines) => {
      const whole =
        parts.map(({ text, partial }) => line(1, text, { tag: partial ? 'P' : 'F' })).join('') + line(2, 'end');
      await using log = await aLog(whole);
      const all = (await log.read()).split('\n').slice(0, -1);
      const expected = tailLines === 0 ? [] : all.slice(-tailLines);
      assert.deepEqual((await log.read({ tailLines })).split('\n').slice(0, -1), expected);
    }),
    { numRuns: 50 },
  );
});

test('[NOD114] a log that is followed goes on as it grows and is rotated, and ends with its container', async () => {
  await using log = await aLog(line(1, 'one'));
  let running = true;
  const seen: string[] = [];
  const query = { follow: true, previous: false, timestamps: false };
  const source = {
    path: log.path,
    query,
    world: systemWorld(),
    signal: new AbortController().signal,
    isRunning: () => running,
  };
  for await (const piece of readLog(source)) {
    seen.push(piece.toString());
    if (seen.length === 1) await appendFile(log.path, line(2, 'two') + line(3, 'thr', { tag: 'P' }));
    if (seen.length === 3) {
      await rename(log.path, rotatedName(log.path, 1_000));
      await writeFile(log.path, line(4, 'ee'));
    }
    if (seen.length === 4) {
      await appendFile(log.path, line(5, 'last'));
      running = false;
    }
  }
  assert.deepEqual(seen, ['one\n', 'two\n', 'thr', 'ee\n', 'last\n']);
});

test('[NOD115] what a client asks of a log is checked', () => {
  const decode = (text: string) => decodeLogQuery(new URLSearchParams(text), 60_000);
  assert.deepEqual(decode('follow=true&previous=1&timestamps=false&tailLines=5&sinceSeconds=20&stream=Stdout'), {
    follow: true,
    previous: true,
    timestamps: false,
    sinceMs: 40_000,
    tailLines: 5,
    stream: 'stdout',
  });
  assert.equal(decode('sinceTime=1970-01-01T00:00:10Z').sinceMs, 10_000);
  for (const wrong of ['tailLines=-1', 'limitBytes=0', 'sinceSeconds=x', 'sinceTime=yesterday'])
    assert.throws(() => decode(wrong), RangeError);
});

test('[NOD116] a large log is rotated, and only so many files are kept', async () => {
  await using log = await aLog('x'.repeat(100));
  const world = virtualWorld();
  const reopened: string[] = [];
  const runtime = {
    reopenContainerLog: async (id: string) => {
      reopened.push(id);
      await writeFile(log.path, 'y'.repeat(100));
    },
  };
  const options = {
    runtime,
    world,
    logger: silentLogger(),
    signal: new AbortController().signal,
    running: () => [],
    largestBytes: 50,
    mostFiles: 3,
  };
  for (let round = 0; round < 4; round++) {
    await world.advance(1_000);
    await rotateIfLarge(options, 'c', log.path);
  }
  assert.equal(reopened.length, 4);
  assert.equal((await logFiles(log.path)).length, 3);
  await rotateIfLarge({ ...options, largestBytes: 1_000 }, 'c', log.path);
  assert.equal((await readdir(log.folder)).length, 3);
});

test('[NOD116] a log that cannot be begun anew is left as it was', async () => {
  await using log = await aLog('x'.repeat(100));
  const runtime = { reopenContainerLog: () => Promise.reject(new Error('no')) };
  const options = {
    runtime,
    world: virtualWorld(),
    logger: silentLogger(),
    signal: new AbortController().signal,
    running: () => [],
    largestBytes: 50,
  };
  await assert.rejects(rotateIfLarge(options, 'c', log.path), /no/);
  assert.deepEqual(await readdir(log.folder), ['0.log']);
});

test('[NOD117] the last lines of a log without their times, for a termination message', async () => {
  await using log = await aLog([1, 2, 3].map((each) => line(each, `line ${each}`)).join(''));
  assert.equal(await lastLogLines(log.path, { lines: 2, bytes: 2048 }), 'line 2\nline 3\n');
  assert.equal(await lastLogLines(log.path, { lines: 80, bytes: 8 }), '\nline 3\n');
  assert.equal(await lastLogLines(join(log.folder, 'none'), { lines: 80, bytes: 8 }), '');
});
