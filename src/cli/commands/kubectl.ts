/** `tutti kubectl`: kubectl on this cluster, whichever kubectl there is. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Command } from 'commander';
import type { Composition } from '../composition.ts';
import { type DataDir, dataDir, defaultDataDir } from '../data-dir.ts';
import { CommandError } from '../exit.ts';
import { readSettings } from '../settings.ts';
import { type CommandContext, DATA_DIR_HELP } from './context.ts';

export function kubectlCommand(context: CommandContext): Command {
  return new Command('kubectl')
    .description(
      'Run kubectl on the cluster. Everything after "kubectl" is passed on, but for a --data-dir that comes first.',
    )
    .option('--data-dir <dir>', DATA_DIR_HELP, defaultDataDir(context.environment, context.userId))
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .argument('[arguments...]', "kubectl's own arguments")
    .addHelpText(
      'after',
      `
Examples:
  $ tutti kubectl get pods --all-namespaces
  $ tutti kubectl --data-dir ./cluster get nodes`,
    )
    .action((given: readonly string[], options: { readonly dataDir: string }) =>
      kubectl(context, dataDir(options.dataDir), given),
    );
}

async function kubectl(
  { composition, environment, exitWith }: CommandContext,
  dir: DataDir,
  given: readonly string[],
): Promise<void> {
  await readSettings(dir);
  const program = findOnPath('kubectl', environment) ?? (await pinned(composition, dir));
  const child = spawn(program, given, { stdio: 'inherit', env: { ...environment, KUBECONFIG: dir.kubeconfig } });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('exit', (code) => resolve(code ?? 1));
  exitWith(await promise);
}

async function pinned(composition: Composition, { kubeconfig }: DataDir): Promise<string> {
  try {
    return await composition.pinnedKubectl();
  } catch (cause) {
    const message = `Cannot find kubectl: install it, or use another client with KUBECONFIG=${kubeconfig}`;
    throw new CommandError(2, message, { cause });
  }
}

function findOnPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find((candidate) => existsSync(candidate) && isExecutable(candidate));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not being allowed to run it is the answer, not a failure
  }
}
