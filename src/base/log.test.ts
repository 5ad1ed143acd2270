import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asError } from './errors.ts';
import { createLogger, type LoggerOptions, silentLogger } from './log.ts';

function recorded(options: LoggerOptions = {}) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, log: createLogger({ now: () => 0, destination, ...options }) };
}

test("[BAS30] a line holds level, time, message and fields, its parents' included", () => {
  const { lines, log } = recorded({ level: 'warn' });
  log.debug('too low');
  log.info('too low');
  log.child({ component: 'scheduler' }).warn('no node fits', { pod: 'default/web', nodes: 3 });
  log.error('bare');
  const time = '1970-01-01T00:00:00.000Z';
  assert.deepEqual(lines, [
    { level: 'warn', time, component: 'scheduler', pod: 'default/web', nodes: 3, msg: 'no node fits' },
    { level: 'error', time, msg: 'bare' },
  ]);
  const silent = silentLogger();
  silent.child({ a: 1 }).error('nobody hears this');
});

test('[BAS31] a logged error shows message, causes and stack, and nothing else of it', () => {
  const { lines, log } = recorded();
  const error = Object.assign(new Error('Cannot write', { cause: new Error('disk is full') }), {
    body: { password: 'x' },
  });
  log.error('write failed', { error });
  log.error('odd', { error: asError({ message: 'thrown by hand', secret: 'x' }) });
  const shown = lines.map((line) => line['error'] as Record<string, unknown>);
  assert.equal(shown[0]?.['message'], 'Cannot write: disk is full');
  assert.deepEqual(Object.keys(shown[0] ?? {}), ['message', 'stack']);
  assert.equal(shown[1]?.['message'], 'thrown by hand');
});
