/** Which commands a kubectl has, and which of them transcripts run. */
import { execFileSync } from 'node:child_process';

const LISTED = /^ {2}([a-z][a-z-]*) {2,}\S/;

/** Every command that does something by itself, as words: `create`, `create configmap`, but not `rollout`. */
export function commandsOf(kubectl: string, words: readonly string[] = []): readonly string[] {
  const help = execFileSync(kubectl, [...words, '--help'], { encoding: 'utf8' });
  const below = subcommands(help);
  const deeper = below.flatMap((name) => commandsOf(kubectl, [...words, name]));
  const shown = new RegExp(`^ {2}kubectl ${words.join(' ')}(?: -|$)`, 'm').test(help);
  return words.length > 0 && (below.length === 0 || shown) ? [words.join(' '), ...deeper] : deeper;
}

/** Commands stand in sections of their own, other than flags. */
function subcommands(help: string): readonly string[] {
  const sections = help.split(/^(?=\S.*:$)/m).filter((section) => /^.*Commands.*:\n/.test(section));
  return sections.flatMap((section) => section.split('\n').flatMap((line) => LISTED.exec(line)?.[1] ?? []));
}

/** The commands that no transcript runs. */
export function missingCommands(commands: readonly string[], transcripts: readonly string[]): readonly string[] {
  const lines = transcripts.flatMap((text) => text.split('\n').filter((line) => /^(?:\d\d[+-]?)?[$?] /.test(line)));
  const run = lines.flatMap((line) =>
    [...line.matchAll(/(?<![\w/-])kubectl +([a-z][a-z -]*)/g)].map(([, words]) => words!),
  );
  return commands.filter((command) => !run.some((words) => words === command || words.startsWith(`${command} `)));
}
