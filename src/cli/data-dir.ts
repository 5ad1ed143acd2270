/** Where a cluster keeps everything, and the files in it that commands share. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export type DataDir = {
  readonly path: string;
  /** What the cluster was created with. */
  readonly settings: string;
  /** How its scheduler was told to work; absent when it was told nothing. */
  readonly schedulerConfig: string;
  readonly kubeconfig: string;
  readonly pki: string;
  readonly database: string;
  /** The process that runs the control plane. */
  readonly pid: string;
  /** The process that runs the node's agent where it is another than the control plane's. */
  readonly agentPid: string;
  readonly log: string;
  readonly node: string;
};

/** Files under `path`, which need not exist yet. */
export function dataDir(path: string): DataDir {
  const root = resolve(path);
  return {
    path: root,
    settings: join(root, 'cluster.json'),
    schedulerConfig: join(root, 'scheduler.yaml'),
    kubeconfig: join(root, 'kubeconfig.yaml'),
    pki: join(root, 'pki'),
    database: join(root, 'store.db'),
    pid: join(root, 'tutti.pid'),
    agentPid: join(root, 'agent.pid'),
    log: join(root, 'tutti.log'),
    node: join(root, 'node'),
  };
}

/** `TUTTI_DATA_DIR`, else `/var/lib/tutti` for root and the user's data directory (XDG Base Directory specification) for others. */
export function defaultDataDir(environment: NodeJS.ProcessEnv, userId: number): string {
  const named = (name: string): string | undefined => environment[name] || undefined; // empty is as good as absent
  const chosen = named('TUTTI_DATA_DIR');
  if (chosen !== undefined) return chosen;
  if (userId === 0) return '/var/lib/tutti';
  return join(named('XDG_DATA_HOME') ?? join(homedir(), '.local', 'share'), 'tutti');
}

export function clusterExists(dir: DataDir): boolean {
  return existsSync(dir.settings);
}
