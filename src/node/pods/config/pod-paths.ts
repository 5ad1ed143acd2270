/** Where a pod's files are on its node. */
import type { Pod } from '#api/core/pod';

export type PodPaths = {
  /** Everything that goes when the pod goes. */
  readonly root: string;
  readonly volumes: string;
  readonly hosts: string;
  /** Empty where no logs are kept. */
  readonly logs: string;
};

/** `podsDir` must be seen by the runtime as well, mounts made later included. */
export type NodeDirs = { readonly podsDir: string; readonly logsDir: string };

export function podPaths({ podsDir, logsDir }: NodeDirs, { metadata }: Pick<Pod, 'metadata'>): PodPaths {
  const root = podRoot({ podsDir }, { metadata });
  return {
    root,
    volumes: `${root}/volumes`,
    hosts: `${root}/etc-hosts`,
    logs: logsDir === '' ? '' : `${logsDir}/${metadata.namespace ?? ''}_${metadata.name}_${metadata.uid}`,
  };
}

export function podRoot(
  { podsDir }: Pick<NodeDirs, 'podsDir'>,
  { metadata }: { readonly metadata: { readonly uid: string } },
): string {
  return `${podsDir}/${metadata.uid}`;
}

/** The host's side of a container's termination message; one for each start, so that none reads its predecessor's. */
export function terminationFile({ root }: PodPaths, container: string, restartCount: number): string {
  return `${root}/containers/${container}/termination-${restartCount}`;
}

/** Relative to the pod's log directory. */
export function logFile(container: string, restartCount: number): string {
  return `${container}/${restartCount}.log`;
}
