/** `tutti up`: starts a cluster, waits until it is ready, and says what to do next. */
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { clusterExists, dataDir, defaultDataDir } from '../data-dir.ts';
import { startDetached } from '../daemon.ts';
import { deployDemo, demoUrl } from '../demo.ts';
import { CommandError } from '../exit.ts';
import { isRunning, runningProcess, type RunningProcess } from '../process-file.ts';
import { localAddress } from '../listen-address.ts';
import { alreadyRuns, runParts } from '../run-parts.ts';
import { waitForNodes } from '../readiness.ts';
import { assertSameSettings, type AskedSettings, readSettings, saveSettings, type Settings } from '../settings.ts';
import { errorMessage } from '#base/errors';
import { writeFileAtomically } from '../write-file.ts';
import { findSystemd, startUnit, unitText } from '../systemd.ts';
import type { Cluster } from '../composition.ts';
import type { Progress } from '../output/progress.ts';
import { type CommandContext, DATA_DIR_HELP } from './context.ts';

const WEB_APP = fileURLToPath(new URL('../../../examples/web-app/', import.meta.url));

type UpOptions = AskedSettings & {
  readonly dataDir: string;
  readonly demo: boolean;
  readonly foreground?: boolean;
  readonly schedulerConfig?: string;
};

export function upCommand(context: CommandContext): Command {
  return new Command('up')
    .description(
      'Start a one-node cluster in the background and wait until it is ready. Run again, it changes nothing.',
    )
    .option('--data-dir <dir>', DATA_DIR_HELP, defaultDataDir(context.environment, context.userId))
    .option('--listen <host:port>', 'address of the API, TLS (default: 0.0.0.0:6443)', hostPort)
    .option('--no-demo', 'do not deploy the demo web app')
    .option('--foreground', 'run in this process instead of the background')
    .option('--pod-cidr <cidr>', 'addresses of pods (default: a free range of 198.18.0.0/16)', cidr)
    .option('--service-cidr <cidr>', 'addresses of services (default: a free range of 198.19.0.0/16)', cidr)
    .option('--node-name <name>', "the node's name (default: the host name)")
    .option('--node-ip <address>', "the node's address (default: the machine's primary address)")
    .addOption(
      new Option('--runtime <name>', 'real containers, or simulated ones (default: cri)').choices(['cri', 'hollow']),
    )
    .option('--hollow-nodes <n>', 'simulated nodes to add (default: 0; with --runtime hollow: 1)', wholeNumber)
    .option('--scheduler-config <file>', 'a KubeSchedulerConfiguration, kept until another one is given')
    .addOption(new Option('--store <engine>', 'where objects are kept (default: sqlite)').choices(['sqlite', 'memory']))
    .addOption(
      new Option(
        '--automatic-rollback <on|off>',
        'take Deployments whose new revision fails back to what last worked (default: on)',
      ).choices(['on', 'off']),
    )
    .addOption(
      new Option(
        '--why-column <on|off>',
        'say in tables of pods why one is not fine, kept until changed (default: on)',
      ).choices(['on', 'off']),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ tutti up
  $ tutti up --no-demo --data-dir ./cluster --listen 127.0.0.1:7443
  $ tutti up --runtime hollow --hollow-nodes 100 --data-dir ./simulated --listen 127.0.0.1:8443
  $ tutti up --scheduler-config ./scheduler.yaml`,
    )
    .action((options: UpOptions) => up(context, options));
}

async function up(context: CommandContext, options: UpOptions): Promise<void> {
  const cluster = await prepare(context, options);
  const schedulerConfig = await schedulerConfigText(context, options.schedulerConfig);
  const running = await runningProcess(cluster.dir.pid);
  if (running !== undefined) return await leaveRunning(context, cluster, { ...options, running });
  await requireAddress(context, cluster);
  if (!clusterExists(cluster.dir) || options.whyColumn !== undefined) await saveSettings(cluster.dir, cluster.settings);
  if (schedulerConfig !== undefined) await writeFileAtomically(cluster.dir.schedulerConfig, schedulerConfig);
  if (options.foreground === true) return await runParts(context, cluster, 'all');
  {
    using progress = context.progress();
    await start(context, cluster, progress);
    if (options.demo) await deployDemo(context, cluster, progress);
    progress.done();
  }
  await describe(context, cluster);
}

/** The cluster that there is, or one that is only decided yet. */
async function prepare(context: CommandContext, options: UpOptions): Promise<Cluster> {
  const dir = dataDir(options.dataDir);
  const asked = askedSettings(options);
  if (clusterExists(dir)) {
    const settings = await readSettings(dir);
    assertSameSettings(settings, asked);
    await requireParts(context, settings);
    return { dir, settings: asked.whyColumn === undefined ? settings : { ...settings, whyColumn: asked.whyColumn } };
  }
  await requireParts(context, { runtime: asked.runtime ?? 'cri' });
  return { dir, settings: await context.composition.decideSettings(asked) };
}

async function leaveRunning(
  context: CommandContext,
  cluster: Cluster,
  { foreground, running }: { readonly foreground?: boolean; readonly running: RunningProcess },
): Promise<void> {
  if (foreground === true) throw new CommandError(2, alreadyRuns(cluster, running));
  context.print(`Already running (process ${running.pid}), nothing changed.`);
  await describe(context, cluster);
}

function askedSettings(options: UpOptions): AskedSettings {
  const { dataDir: _dir, demo: _demo, foreground: _foreground, schedulerConfig: _config, ...asked } = options;
  return asked;
}

/** Refused before anything is created or changed. */
async function schedulerConfigText({ composition }: CommandContext, file: string | undefined) {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandError(2, `Cannot read --scheduler-config ${file}: ${errorMessage(cause)}`, { cause });
  });
  const why = await composition.whyNotSchedulerConfig(text);
  if (why !== undefined) throw new CommandError(2, `Cannot use --scheduler-config ${file}: ${why}`);
  return text;
}

async function requireParts({ composition }: CommandContext, settings: Pick<Settings, 'runtime'>): Promise<void> {
  const missing = await composition.missingFor(settings);
  if (missing.length === 0) return;
  throw new CommandError(
    2,
    `Cannot run containers: missing ${missing.join(', ')}; "tutti up --runtime hollow" needs none of it`,
  );
}

async function requireAddress({ composition }: CommandContext, { dir, settings }: Cluster): Promise<void> {
  const why = await composition.whyNotListen(settings.listen);
  if (why === undefined) return;
  const remedy = clusterExists(dir) ? 'the cluster was created with this address' : 'choose another with --listen';
  throw new CommandError(2, `Cannot listen at ${settings.listen}: ${why}; ${remedy}`);
}

async function start(context: CommandContext, cluster: Cluster, progress: Progress): Promise<void> {
  const { dir, settings } = cluster;
  progress.step('Starting the control plane');
  const systemd = findSystemd(context.userId);
  if (systemd === undefined) {
    const started = startDetached(dir, context.program);
    await waitForNodes(context, cluster, { progress, alive: () => isRunning(started) });
  } else {
    await startUnit(systemd, settings, unitText(dir, [context.launcher]));
    await waitForNodes(context, cluster, { progress, alive: () => true });
  }
}

async function describe(context: CommandContext, { dir, settings }: Cluster): Promise<void> {
  const url = await demoUrl(context, dir);
  const note = settings.runtime === 'hollow' ? ' (simulated: nothing answers there)' : '';
  if (url !== undefined) context.print(`\nDemo web app:  ${url}${note}`);
  const kubectl = `kubectl --kubeconfig ${dir.kubeconfig}`;
  context.print(`API server:    https://${localAddress(settings.listen)}
Kubeconfig:    ${dir.kubeconfig}

Try next:
  ${kubectl} get all --all-namespaces
  ${kubectl} apply -f ${WEB_APP}
  ${context.launcher} status --data-dir ${dir.path}`);
}

function hostPort(text: string): string {
  const match = /^(?<host>\[[0-9a-f:]+\]|[\w.-]+):(?<port>\d{1,5})$/i.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match === null || port < 1 || port > 65_535)
    throw new InvalidArgumentError('Expected HOST:PORT, such as 127.0.0.1:6443.');
  return text;
}

function cidr(text: string): string {
  const [address = '', bits = ''] = text.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) > 30) {
    throw new InvalidArgumentError('Expected an IPv4 range, such as 198.18.0.0/20.');
  }
  return text;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
