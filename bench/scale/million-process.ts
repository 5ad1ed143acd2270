/** The whole cluster of the scale benchmark, in a process of its own. */
import { errorMessage } from '#base/errors';
import type { Failed } from '../child.ts';
import { type Cluster, growCluster, type Grown } from './million-pods.ts';

export type ToMillion = Cluster;
export type FromMillion = Grown;

const say = (message: FromMillion | Failed): void => void process.send?.(message);
const tell = (line: string): void => void process.stderr.write(`bench: scale: ${line}\n`);

process.on('message', (message: ToMillion) => {
  growCluster({ ...message, tell, signal: new AbortController().signal }).then(say, (error: unknown) =>
    say({ failed: errorMessage(error) }),
  );
});
process.on('disconnect', () => process.exit());
