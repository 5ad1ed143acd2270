/** Waits until a cluster that was just started answers and its nodes are ready. */
import { Node } from '#api/core/node';
import { findCondition } from '#api/meta/conditions';
import { errorMessage } from '#base/errors';
import type { CommandContext } from './commands/context.ts';
import type { Cluster } from './composition.ts';
import { lastLogLines } from './daemon.ts';
import { CommandError } from './exit.ts';
import type { Progress } from './output/progress.ts';

const POLL_MS = 25;
const TIMEOUT_MS = 120_000;

type Waiting = { readonly progress: Progress; readonly alive: () => boolean };

/** Resolves when every expected node is Ready; throws when the process dies or nothing comes of it in two minutes. */
export async function waitForNodes(context: CommandContext, cluster: Cluster, waiting: Waiting): Promise<void> {
  const { clock } = context.world;
  const { settings, dir } = cluster;
  const expected = settings.hollowNodes + (settings.runtime === 'cri' ? 1 : 0);
  const deadline = clock.now() + TIMEOUT_MS;
  let last = 'the API does not answer';
  waiting.progress.step(expected === 1 ? 'Waiting for the node' : `Waiting for ${expected} nodes`);
  while (clock.now() < deadline) {
    if (!waiting.alive()) {
      throw new CommandError(1, `The cluster ended while starting; the end of ${dir.log}:\n${await lastLogLines(dir)}`);
    }
    const ready = await readyNodes(context, cluster);
    if (ready === expected) return;
    last = typeof ready === 'number' ? `${ready} of ${expected} nodes are ready` : ready;
    waiting.progress.detail(last);
    await clock.sleep(POLL_MS, context.signal);
  }
  throw new CommandError(1, `The cluster is not ready after ${TIMEOUT_MS / 1000} s: ${last}; see ${dir.log}`);
}

/** How many nodes are Ready, or why that cannot be told yet. */
async function readyNodes({ connect, signal }: CommandContext, { dir }: Cluster): Promise<number | string> {
  try {
    using client = await connect(dir);
    const { items } = await client.list(Node, { signal });
    return items.filter((node) => findCondition(node.status?.conditions, 'Ready')?.status === 'True').length;
  } catch (error) {
    signal.throwIfAborted();
    return errorMessage(error);
  }
}
