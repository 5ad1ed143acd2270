/** The `tutti` program: its commands, and how each ends. */
import { Command, CommanderError } from 'commander';
import { errorMessage } from '#base/errors';
import type { CommandContext } from './commands/context.ts';
import { downCommand } from './commands/down.ts';
import { imagesCommand } from './commands/images.ts';
import { kubectlCommand } from './commands/kubectl.ts';
import { agentCommand, serverCommand } from './commands/server.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { upCommand } from './commands/up.ts';
import { versionCommand } from './commands/version.ts';
import { whyCommand } from './commands/why.ts';
import { CommandError } from './exit.ts';

const USAGE_ERROR = 2;

export function tuttiProgram(context: CommandContext): Command {
  const commands = [
    upCommand,
    downCommand,
    statusCommand,
    whyCommand,
    simulateCommand,
    kubectlCommand,
    imagesCommand,
    serverCommand,
    agentCommand,
    versionCommand,
  ];
  const program = new Command('tutti')
    .description("A container orchestrator with Kubernetes' API: start a cluster, drive it with kubectl.")
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 asked wrongly or something is missing, 3 no such cluster or it does not run.',
    );
  for (const command of commands) program.addCommand(command(context));
  throwInsteadOfExit(program);
  return program;
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}

/** Runs the program and returns the exit code. */
export async function runProgram(
  context: Omit<CommandContext, 'exitWith'>,
  words: readonly string[],
  complain: (line: string) => void,
): Promise<number> {
  let exitCode = 0;
  const exitWith = (code: number): void => {
    exitCode = code;
  };
  try {
    await tuttiProgram({ ...context, exitWith }).parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    if (context.signal.aborted) return 1;
    complain(`tutti: ${errorMessage(error)}`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}
