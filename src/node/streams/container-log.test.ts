/** Logs as clients ask for them, from files as the runtime writes them. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { virtualWorld } from '#base/virtual-world';
import { readContainerLog } from './container-log.ts';
import type { LogRequest } from './container-log.ts';
import { LineSplitter, fixedTime } from './log-format.ts';

const SECOND = '2026-01-01T00:00:0';

test('[LOG1] text is shown byte for byte, and parts of a line are put together', async () => {
  await using log = await aLog();
  const bytes = Buffer.from([0xff, 0x20, 0x00, 0x80]);
  await log.write(
    `${SECOND}0.5Z stdout P one, `,
    `${SECOND}0.6Z stdout F and two`,
    Buffer.concat([Buffer.from(`${SECOND}1Z stderr F `), bytes]),
    `${SECOND}2Z stdout F `,
  );
  assert.deepEqual(await log.read(), Buffer.concat([Buffer.from('one, and two\n'), bytes, Buffer.from('\n\n')]));
});

test('[LOG1] times have nine digits and stand before whole lines alone', async () => {
  await using log = await aLog();
  await log.write(
    `${SECOND}0.5Z stdout P one, `,
    `${SECOND}0.6Z stdout F and two`,
    `${SECOND}1.123456789+02:00 stdout F three`,
  );
  assert.equal(
    String(await log.read({ timestamps: true })),
    `${SECOND}0.500000000Z one, and two\n${SECOND}1.123456789+02:00 three\n`,
  );
  assert.equal(fixedTime(`${SECOND}1Z`), `${SECOND}1.000000000Z`);
});

test('[LOG1] lines that the runtime did not write, and one that it has not finished, are left out', async () => {
  await using log = await aLog();
  await log.write('nonsense', '', `${SECOND}0Z stdout F good`);
  await appendFile(log.path, `${SECOND}1Z stdout F unfinish`);
  assert.equal(String(await log.read()), 'good\n');
});

test('[LOG1] lines are the same whatever pieces they are read in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z ]*$/), { minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const splitter = new LineSplitter();
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_piece, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        assert.deepEqual(pieces.flatMap((piece) => splitter.split(piece)).map(String), lines);
      },
    ),
  );
});

test('[LOG2] the last lines, the younger ones, one stream, and no more than so many bytes', async () => {
  await using log = await aLog();
  await log.write(
    ...Array.from(
      { length: 9 },
      (_line, second) => `${SECOND}${second}Z ${second % 2 === 0 ? 'stdout' : 'stderr'} F ${second}`,
    ),
  );
  const shown = async (view: Partial<LogRequest>): Promise<string> => String(await log.read(view)).replaceAll('\n', '');
  const since = Date.parse(`${SECOND}6Z`);
  assert.deepEqual(
    await Promise.all([
      shown({ tailLines: 3 }),
      shown({ tailLines: 0 }),
      shown({ tailLines: 100 }),
      shown({ sinceMs: since }),
      shown({ stream: 'stderr' }),
      shown({ tailLines: 4, sinceMs: since, stream: 'stdout' }),
      shown({ limitBytes: 5 }),
    ]),
    ['678', '', '012345678', '678', '1357', '68', '012'],
  );
});

test('[LOG2] the last lines of a large log are found from its end', async () => {
  await using log = await aLog();
  const line = `${SECOND}0Z stdout F ${'x'.repeat(200)}`;
  await log.write(...Array.from({ length: 5_000 }, (_line, index) => `${line}${index}`));
  const tail = String(await log.read({ tailLines: 1_500 }))
    .trimEnd()
    .split('\n');
  assert.deepEqual([tail.length, tail[0]?.endsWith('x3500'), tail.at(-1)?.endsWith('x4999')], [1_500, true, true]);
});

test('[LOG3] following shows what is written until the container has ended, over a rotation and a cut', async () => {
  await using log = await aLog();
  await log.write(`${SECOND}0Z stdout F zero`);
  const following = log.follow();
  assert.equal(await following.next(), 'zero\n');
  await log.write(`${SECOND}1Z stdout F one`);
  assert.equal(await following.next(), 'one\n');
  await log.write(`${SECOND}2Z stdout F two`);
  await rename(log.path, `${log.path}.1`);
  await log.write(`${SECOND}3Z stdout F three`);
  assert.deepEqual([await following.next(), await following.next()], ['two\n', 'three\n']);
  await truncate(log.path);
  await following.settle();
  await log.write(`${SECOND}4Z stdout F 4`);
  assert.equal(await following.next(), '4\n');
  await log.write(`${SECOND}5Z stdout F last`);
  log.end();
  assert.deepEqual([await following.next(), await following.next()], ['last\n', undefined]);
});

test('[LOG3] an abort ends the following, and nothing is left behind', async () => {
  await using log = await aLog();
  await log.write(`${SECOND}0Z stdout F zero`);
  const following = log.follow();
  assert.equal(await following.next(), 'zero\n');
  following.abort();
  assert.equal(await following.next(), undefined);
  assert.equal(log.world.pendingTimers(), 0);
});

test('[LOG3] a log that is not there is an error', async () => {
  await using log = await aLog();
  await assert.rejects(log.read(), { code: 'ENOENT' });
});

async function aLog() {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-log-'));
  const path = join(folder, 'main.log');
  const world = virtualWorld();
  let isRunning = true;
  const source = (signal: AbortSignal) => ({ isRunning: async () => isRunning, world, signal });
  return {
    path,
    world,
    end: () => {
      isRunning = false;
    },
    write: async (...lines: (string | Buffer)[]) => {
      const bytes = Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])));
      await writeFile(path, bytes, { flag: 'a' });
    },
    read: async (view: Partial<LogRequest> = {}) => {
      const chunks: Buffer[] = [];
      const request = { path, follow: false, timestamps: false, ...view };
      for await (const chunk of readContainerLog(request, source(new AbortController().signal))) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    follow: () => {
      const controller = new AbortController();
      const reading = readContainerLog({ path, follow: true, timestamps: false }, source(controller.signal));
      return {
        abort: () => controller.abort(),
        settle: () => world.advance(1_000),
        /** Moves time on until there is something to read. */
        next: async (): Promise<string | undefined> => {
          const next = reading.next();
          let isDone = false;
          void next.finally(() => {
            isDone = true;
          });
          while (!isDone) await world.advance(50);
          const result = await next;
          return result.done === true ? undefined : String(result.value);
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
