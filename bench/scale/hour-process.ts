/** A simulated hour in a process of its own. */
import { errorMessage } from '#base/errors';
import type { Failed } from '../child.ts';
import { type Hour, type Lived, liveHour } from './simulated-hour.ts';

export type ToHour = Hour;
export type FromHour = Lived;

const say = (message: FromHour | Failed): void => void process.send?.(message);
const tell = (text: string): void => void process.stderr.write(`bench: simulation: ${text}\n`);

process.on('message', (message: ToHour) => {
  liveHour(message, tell).then(say, (error: unknown) => say({ failed: errorMessage(error) }));
});
process.on('disconnect', () => process.exit());
