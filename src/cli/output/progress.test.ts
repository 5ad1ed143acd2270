/** Progress on a terminal and elsewhere. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { progressOn } from './progress.ts';

class Output extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  written = '';

  constructor(isTTY: boolean, columns = 80) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written += chunk.toString();
    done();
  }
}

test('[CLI12] where there is no terminal every step is one plain line', () => {
  const output = new Output(false);
  {
    using progress = progressOn(output);
    progress.step('Starting');
    progress.detail('1 of 3');
    progress.step('Waiting');
    progress.done();
  }
  assert.equal(output.written, 'Starting\nWaiting\n');
});

test('[CLI12] on a terminal the current step changes in place, and ends with a tick', () => {
  const output = new Output(true);
  {
    using progress = progressOn(output);
    progress.step('Starting');
    progress.detail('1 of 3');
    progress.done();
  }
  const line = '\r\u001b[2K';
  assert.equal(output.written, `${line}… Starting${line}… Starting: 1 of 3${line}\u001b[32m✓\u001b[0m Starting\n`);
});

test('[CLI12] a step that is left unfinished ends with a cross', () => {
  const output = new Output(true);
  assert.throws(() => {
    using progress = progressOn(output);
    progress.step('Starting');
    throw new Error('no');
  });
  assert.ok(output.written.endsWith('\u001b[31m✗\u001b[0m Starting\n'));
});

test('[CLI12] a line never wraps', () => {
  const output = new Output(true, 20);
  using progress = progressOn(output);
  progress.step('Starting');
  progress.detail('x'.repeat(100));
  const last = output.written.split('\r\u001b[2K').at(-1) ?? '';
  assert.ok(last.length < 20);
  assert.ok(last.endsWith('…'));
});
