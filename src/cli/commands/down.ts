/** `tutti down`: stops a cluster's containers and its process; with `--purge` nothing of it is left. */
import { Command } from 'commander';
import { dataDir, defaultDataDir } from '../data-dir.ts';
import { stopProcess } from '../daemon.ts';
import { runningProcess } from '../process-file.ts';
import { readSettings } from '../settings.ts';
import { findSystemd, stopUnit } from '../systemd.ts';
import { type CommandContext, DATA_DIR_HELP } from './context.ts';

export function downCommand(context: CommandContext): Command {
  return new Command('down')
    .description('Stop the cluster and its containers. What it stores is kept for the next "tutti up".')
    .option('--data-dir <dir>', DATA_DIR_HELP, defaultDataDir(context.environment, context.userId))
    .option('--purge', 'also remove the data, and everything the cluster set up on this machine')
    .addHelpText(
      'after',
      `
Examples:
  $ tutti down
  $ tutti down --purge --data-dir ./cluster`,
    )
    .action((options: { readonly dataDir: string; readonly purge?: boolean }) => down(context, options));
}

async function down(
  context: CommandContext,
  options: { readonly dataDir: string; readonly purge?: boolean },
): Promise<void> {
  const dir = dataDir(options.dataDir);
  const settings = await readSettings(dir);
  const cluster = { dir, settings };
  using progress = context.progress();
  progress.step('Stopping the control plane');
  const systemd = findSystemd(context.userId);
  if (systemd !== undefined) await stopUnit(systemd, settings);
  for (const file of [dir.agentPid, dir.pid]) {
    const running = await runningProcess(file);
    if (running !== undefined) await stopProcess(running, context.world);
  }
  await context.composition.stopNode(cluster, { onStep: (text) => progress.step(text), signal: context.signal });
  if (options.purge === true) {
    progress.step(`Removing ${dir.path}`);
    await context.composition.removeData(cluster);
  }
  progress.done();
}
