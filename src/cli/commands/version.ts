/** `tutti version`: what is installed, and which Kubernetes API it speaks. */
import { Command, Option } from 'commander';
import type { CommandContext } from './context.ts';

export function versionCommand({ composition, print }: CommandContext): Command {
  return new Command('version')
    .description('Show the version of Tutti and of the Kubernetes API it speaks.')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  $ tutti version
  $ tutti version -o json`,
    )
    .action(({ output }: { readonly output: 'text' | 'json' }) => {
      const { version, kubernetesVersion } = composition;
      const facts = { tutti: version, kubernetes: kubernetesVersion, node: process.version };
      const text = `Tutti ${version}, Kubernetes API ${kubernetesVersion}, Node ${process.version}`;
      print(output === 'json' ? JSON.stringify(facts, undefined, 2) : text);
    });
}
