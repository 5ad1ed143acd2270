/** What a cluster is created with: decided once by `up`, kept in its data directory, the same at every later start. */
import { readFile } from 'node:fs/promises';
import { CommandError } from './exit.ts';
import { clusterExists, type DataDir } from './data-dir.ts';
import { writeFileAtomically } from './write-file.ts';

export type RuntimeName = 'cri' | 'hollow';
export type StoreName = 'sqlite' | 'memory';
type Switch = 'on' | 'off';

export type Settings = {
  /** Eight hexadecimal digits: in the names of everything that the cluster makes outside its data directory. */
  readonly id: string;
  /** `HOST:PORT` of the API. */
  readonly listen: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly runtime: RuntimeName;
  /** Simulated nodes beside the real one, or instead of it with the hollow runtime. */
  readonly hollowNodes: number;
  readonly store: StoreName;
  readonly nodeName: string;
  /** The address under which other machines reach the node. */
  readonly nodeIp: string;
  /** Whether Deployments whose new revision fails go back to what last worked; on unless said. */
  readonly automaticRollback?: Switch;
  /** Whether tables of pods say why a pod is not fine; on unless said. */
  readonly whyColumn?: Switch;
};

/** The settings a user may give; what is absent is decided by `up` or was decided before. */
export type AskedSettings = Partial<Omit<Settings, 'id'>>;

/** What `up` may change of a cluster that there is. */
export type ChangeableSettings = Pick<Settings, 'whyColumn'>;

const FLAGS: Readonly<Record<Exclude<keyof AskedSettings, keyof ChangeableSettings>, string>> = {
  listen: '--listen',
  podCidr: '--pod-cidr',
  serviceCidr: '--service-cidr',
  runtime: '--runtime',
  hollowNodes: '--hollow-nodes',
  store: '--store',
  nodeName: '--node-name',
  nodeIp: '--node-ip',
  automaticRollback: '--automatic-rollback',
};

// What is so in clusters whose files do not say.
const UNSAID: AskedSettings = { automaticRollback: 'on' };

export async function readSettings(dir: DataDir): Promise<Settings> {
  if (!clusterExists(dir))
    throw new CommandError(3, `No cluster in ${dir.path}: start one with "tutti up --data-dir ${dir.path}"`);
  const text = await readFile(dir.settings, 'utf8');
  try {
    return JSON.parse(text) as Settings;
  } catch (cause) {
    throw new CommandError(
      1,
      `Cannot read ${dir.settings}: it is not JSON; restore it, or remove the cluster with "tutti down --purge"`,
      { cause },
    );
  }
}

export async function saveSettings(dir: DataDir, settings: Settings): Promise<void> {
  await writeFileAtomically(dir.settings, `${JSON.stringify(settings, undefined, 2)}\n`);
}

/** Refuses flags that differ from what the cluster was created with, naming the first of them. */
export function assertSameSettings(stored: Settings, asked: AskedSettings): void {
  for (const [name, flag] of Object.entries(FLAGS) as [keyof typeof FLAGS, string][]) {
    const is = stored[name] ?? UNSAID[name];
    if (asked[name] === undefined || asked[name] === is) continue;
    throw new CommandError(
      2,
      `Cannot change ${flag} of an existing cluster: it is ${is}, asked for ${asked[name]}; use another --data-dir, or remove this one with "tutti down --purge"`,
    );
  }
}
