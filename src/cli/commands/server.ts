/** `tutti server` and `tutti agent`: the control plane, or the node's side of it, alone and in the foreground. */
import { Command } from 'commander';
import type { Parts } from '../composition.ts';
import { dataDir, defaultDataDir } from '../data-dir.ts';
import { runParts } from '../run-parts.ts';
import { readSettings } from '../settings.ts';
import { type CommandContext, DATA_DIR_HELP } from './context.ts';

export function serverCommand(context: CommandContext): Command {
  return partCommand(
    context,
    'server',
    'Run only the control plane of a cluster that "tutti up" created, in the foreground.',
  );
}

export function agentCommand(context: CommandContext): Command {
  return partCommand(
    context,
    'agent',
    'Run only the node\'s agent of a cluster that "tutti up" created, in the foreground.',
  );
}

function partCommand(context: CommandContext, parts: Exclude<Parts, 'all'>, description: string): Command {
  return new Command(parts)
    .description(description)
    .option('--data-dir <dir>', DATA_DIR_HELP, defaultDataDir(context.environment, context.userId))
    .addHelpText(
      'after',
      `
Examples:
  $ tutti ${parts}
  $ tutti ${parts} --data-dir ./cluster`,
    )
    .action(async (options: { readonly dataDir: string }) => {
      const dir = dataDir(options.dataDir);
      await runParts(context, { dir, settings: await readSettings(dir) }, parts);
    });
}
