/** `tutti status`: whether the cluster runs, where, and how its nodes and pods are. */
import { Command, Option } from 'commander';
import { Node } from '#api/core/node';
import { findCondition } from '#api/meta/conditions';
import { dataDir, defaultDataDir } from '../data-dir.ts';
import { localAddress } from '../listen-address.ts';
import { runningProcess } from '../process-file.ts';
import { readSettings } from '../settings.ts';
import { type CommandContext, DATA_DIR_HELP } from './context.ts';
import type { Cluster } from '../composition.ts';

type StatusOptions = { readonly dataDir: string; readonly output: 'text' | 'json' };

type Summary = {
  readonly running: boolean;
  readonly process?: number;
  readonly dataDir: string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly runtime: string;
  readonly nodes?: { readonly ready: number; readonly total: number };
  readonly pods?: Readonly<Record<string, number>>;
};

/** Exit code 3 when the cluster exists but does not run. */
const NOT_RUNNING = 3;

export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description('Show whether the cluster runs, and how its nodes and pods are. Exit code 3 when it does not run.')
    .option('--data-dir <dir>', DATA_DIR_HELP, defaultDataDir(context.environment, context.userId))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  $ tutti status
  $ tutti status -o json --data-dir ./cluster`,
    )
    .action(async (options: StatusOptions) => {
      const dir = dataDir(options.dataDir);
      const summary = await summarize(context, { dir, settings: await readSettings(dir) });
      context.print(options.output === 'json' ? JSON.stringify(summary, undefined, 2) : text(summary));
      if (!summary.running) context.exitWith(NOT_RUNNING);
    });
}

async function summarize({ connect, signal }: CommandContext, { dir, settings }: Cluster): Promise<Summary> {
  const running = await runningProcess(dir.pid);
  const facts = {
    dataDir: dir.path,
    server: `https://${localAddress(settings.listen)}`,
    kubeconfig: dir.kubeconfig,
    runtime: settings.runtime,
  };
  if (running === undefined) return { running: false, ...facts };
  // Loaded here: the rules of pods are many files, and other commands need none of them.
  const { Pod } = await import('#api/core/pod');
  using client = await connect(dir);
  const [nodes, pods] = await Promise.all([client.list(Node, { signal }), client.list(Pod, { signal })]);
  const ready = nodes.items.filter((node) => findCondition(node.status?.conditions, 'Ready')?.status === 'True');
  const phases = Object.groupBy(pods.items, (pod) => pod.status?.phase ?? 'Pending');
  return {
    running: true,
    process: running.pid,
    ...facts,
    nodes: { ready: ready.length, total: nodes.items.length },
    pods: Object.fromEntries(Object.entries(phases).map(([phase, found]) => [phase, found?.length ?? 0])),
  };
}

function text({
  running,
  process: pid,
  dataDir: path,
  server,
  kubeconfig,
  runtime,
  nodes,
  pods = {},
}: Summary): string {
  const phases = Object.entries(pods).map(([phase, count]) => `${count} ${phase}`);
  const lines = [
    running ? `Running (process ${pid})` : 'Stopped: start it with "tutti up"',
    `Data:        ${path}`,
    `API server:  ${server}`,
    `Kubeconfig:  ${kubeconfig}`,
    `Runtime:     ${runtime}`,
  ];
  if (nodes !== undefined) lines.push(`Nodes:       ${nodes.ready} of ${nodes.total} ready`);
  if (nodes !== undefined) lines.push(`Pods:        ${phases.length === 0 ? 'none' : phases.join(', ')}`);
  return lines.join('\n');
}
