/** `tutti why`: why a pod has no node and what would get it one, or why it is where it is. */
import { Command, Option } from 'commander';
import { isApiError } from '#api/errors';
import { PodExplanation } from '#api/explain/pod-explanation';
import { matchesLabels, selectorFrom } from '#api/meta/label-selector';
import type { Client } from '#client/client';
import { dataDir, defaultDataDir } from '../data-dir.ts';
import { CommandError } from '../exit.ts';
import { explanationText } from '../output/explanation.ts';
import { readSettings } from '../settings.ts';
import { type CommandContext, DATA_DIR_HELP } from './context.ts';

type WhyOptions = { readonly dataDir: string; readonly namespace: string; readonly output: 'text' | 'json' };

type Asked = WhyOptions & { readonly signal: AbortSignal };

export function whyCommand(context: CommandContext): Command {
  return new Command('why')
    .description('Say why a pod has no node, and the smallest changes that would get it one; or why it is where it is.')
    .argument('<pod>', 'NAME, pod/NAME, or deployment/NAME for the pods of a deployment')
    .option('-n, --namespace <namespace>', 'where the pod is', 'default')
    .option('--data-dir <dir>', DATA_DIR_HELP, defaultDataDir(context.environment, context.userId))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  $ tutti why pod/web-5d8c7f6b9-x2x4q
  $ tutti why deployment/web -n shop
  $ tutti why web-0 -o json`,
    )
    .action(async (what: string, options: WhyOptions) => {
      const dir = dataDir(options.dataDir);
      await readSettings(dir);
      using client = await context.connect(dir);
      const found = await explanations(client, what, { ...options, signal: context.signal });
      const texts = found.map(explanationText);
      context.print(options.output === 'json' ? jsonText(found) : texts.join('\n\n'));
    });
}

const jsonText = (found: readonly PodExplanation[]): string =>
  JSON.stringify(found.length === 1 ? found[0] : found, undefined, 2);

async function explanations(client: Client, what: string, asked: Asked): Promise<readonly PodExplanation[]> {
  const { namespace, signal } = asked;
  const [kind = '', name = ''] = what.includes('/') ? what.split('/', 2) : ['pod', what];
  if (name === '') throw new CommandError(2, `Cannot explain "${what}": expected pod/NAME`);
  switch (kind) {
    case 'pod':
    case 'pods':
    case 'po':
      return [await known(client.get(PodExplanation, { namespace, name }, { signal }), `pod "${name}"`, namespace)];
    case 'deployment':
    case 'deployments':
    case 'deploy':
      return await ofDeployment(client, name, asked);
    default:
      throw new CommandError(2, `Cannot explain a "${kind}": expected pod/NAME or deployment/NAME`);
  }
}

async function known<T>(asking: Promise<T>, what: string, namespace: string): Promise<T> {
  try {
    return await asking;
  } catch (cause) {
    if (isApiError(cause, 'NotFound')) throw new CommandError(1, `No ${what} in namespace ${namespace}`, { cause });
    throw cause;
  }
}

/** One of the pods that wait stands for all of them. */
async function ofDeployment(client: Client, name: string, asked: Asked): Promise<readonly PodExplanation[]> {
  const { namespace, signal } = asked;
  // Loaded here: the rules of these kinds are many files, and other commands need none of them.
  const [{ Deployment }, { Pod }] = await Promise.all([import('#api/apps/deployment'), import('#api/core/pod')]);
  const found = client.get(Deployment, { namespace, name }, { signal });
  const deployment = await known(found, `deployment "${name}"`, namespace);
  const selector = selectorFrom(deployment.spec.selector);
  const { items } = await client.list(Pod, { namespace, signal });
  const pods = items.filter(({ metadata }) => matchesLabels(selector, metadata.labels));
  const waiting = pods.filter(({ spec }) => (spec.nodeName ?? '') === '');
  const shown = waiting.length > 0 ? waiting.slice(0, 1) : pods;
  if (shown.length === 0) throw new CommandError(1, `Deployment "${name}" has no pods in namespace ${namespace}`);
  return await Promise.all(
    shown.map(({ metadata }) => client.get(PodExplanation, { namespace, name: metadata.name }, { signal })),
  );
}
