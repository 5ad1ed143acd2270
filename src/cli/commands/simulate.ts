/** `tutti simulate`: plays a scenario through in a copy of a cluster, in virtual time, and says what would become of it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from './context.ts';

type SimulateOptions = { readonly from?: string; readonly seed: number; readonly output: 'text' | 'json' };

const LARGEST_SEED = 2 ** 32 - 1;

export function simulateCommand({ composition, print, progress, signal }: CommandContext): Command {
  return new Command('simulate')
    .description(
      'Play a scenario through in a copy of a cluster, with the real scheduler and controllers, in virtual time.',
    )
    .argument('<scenario>', 'YAML file of kind Scenario, simulate.tutti.io/v1alpha1')
    .option(
      '--from <source>',
      'the cluster to copy: a kubeconfig, a data directory, a copy of its store.db, or manifests (a file or a directory); an empty cluster unless given',
    )
    .option('--seed <n>', 'of everything that is left to chance: the same seed, the same report', seedOf, 1)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  $ tutti simulate examples/scenarios/drain.yaml --from examples/scenarios/cluster
  $ tutti simulate examples/scenarios/traffic.yaml --from ~/.kube/config
  $ tutti simulate examples/scenarios/upgrade.yaml --from /var/lib/tutti --seed 7 -o json`,
    )
    .action(async (scenario: string, { from, seed, output }: SimulateOptions) => {
      using steps = progress();
      const onStep = (text: string): void => steps.step(text);
      const onDetail = (text: string): void => steps.detail(text);
      const { text, json } = await composition.simulate({ scenario, from, seed, onStep, onDetail, signal });
      steps.done();
      print(output === 'json' ? json : text);
    });
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d{1,10}$/.test(text) || seed > LARGEST_SEED) throw new InvalidArgumentError('Expected a whole number.');
  return seed;
}
