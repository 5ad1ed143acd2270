/** The one writer of the cluster's table in the kernel: changes while they fit, the whole table when one did not. */
import { asError, errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import { CommandError, runCommand } from '../run-command.ts';
import { changeTexts, replaceText } from './plan/nft-text.ts';
import type { RuleChange, RuleSet } from './plan/rule-set.ts';
import type { NodeTable } from './plan/skeleton.ts';
import { rememberedClients } from './remembered-clients.ts';
import { forgetCommand, type StaleFlow } from './plan/stale-flows.ts';

export type KernelTable = {
  /** Makes the table as `rules` say, whatever it was. */
  replace(rules: RuleSet): Promise<void>;
  /** Makes the table follow the change, or as `everything` says if the kernel does not take the change. */
  change(change: RuleChange, everything: () => RuleSet): Promise<void>;
  forget(flows: readonly StaleFlow[]): Promise<void>;
};

export type TableContext = { readonly node: NodeTable; readonly logger: Logger; readonly signal: AbortSignal };

export function kernelTable({ node, logger, signal }: TableContext): KernelTable {
  const load = async (input: string): Promise<void> => {
    await runCommand(['nft', '-f', '-'], { input, signal });
  };
  const replace = async (rules: RuleSet): Promise<void> => {
    await load(replaceText(node, rules, await rememberedClients(node.clusterId, signal)));
  };
  return {
    replace,
    async change(change, everything) {
      try {
        for (const batch of changeTexts(node, change)) await load(batch);
      } catch (error) {
        if (signal.aborted) throw error;
        // Somebody else changed the table, or the mirror is wrong: either way the whole table puts it right.
        logger.warn('a change of the service rules was refused, replacing them all', { error: asError(error) });
        await replace(everything());
      }
    },
    async forget(flows) {
      for (const flow of flows) await forgetFlow(flow, { logger, signal });
    },
  };
}

// The program ends with 1 when no such flow was there.
const NOTHING_FOUND = 1;

async function forgetFlow(flow: StaleFlow, { logger, signal }: Omit<TableContext, 'node'>): Promise<void> {
  try {
    await runCommand(['conntrack', ...forgetCommand(flow)], { signal });
  } catch (error) {
    if (signal.aborted || (error instanceof CommandError && error.exitCode === NOTHING_FOUND)) return;
    logger.warn('old datagram flows stay until they time out', { port: flow.port, error: errorMessage(error) });
  }
}
