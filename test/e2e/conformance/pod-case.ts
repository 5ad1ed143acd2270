/** One pod that runs to its end, and what it must have said by then. */
import type { Container, PodSpec, Volume, VolumeMount } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { pod, shell } from '../pod-manifests.ts';

export type PodCase = {
  /** What the container runs. */
  readonly script: string;
  /** What it says, to the letter or to a pattern. */
  readonly says: string | RegExp;
  readonly container?: Partial<Container>;
  readonly spec?: Partial<PodSpec>;
  readonly metadata?: Partial<ObjectMeta>;
};

/** By the name of a row of docs/conformance.tsv, with hyphens for its blanks and nothing for its commas. */
export type PodCases = Readonly<Record<string, PodCase>>;

export const LABEL = 'conformance-case';

/** Names of rows have capitals; those of objects must not. */
export const podNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-/, '');

/** Logs of many pods are read together: the last line of each must end. */
export function podOf(name: string, { script, container, spec, metadata }: PodCase): object {
  const labels = { [LABEL]: 'yes', ...metadata?.labels };
  return pod(
    podNameOf(name),
    { restartPolicy: 'Never', containers: [shell(`${script}; echo`, container)], ...spec },
    { ...metadata, labels },
  );
}

type Mounted = { readonly volume: Omit<Volume, 'name'>; readonly mount?: Partial<VolumeMount> };

/** A case whose container sees one volume at `/v`. */
export function withVolume({ volume, mount }: Mounted, rest: PodCase): PodCase {
  return {
    ...rest,
    container: { ...rest.container, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] },
    spec: { ...rest.spec, volumes: [{ name: 'v', ...volume }] },
  };
}

export const NON_ROOT: Partial<PodSpec> = { securityContext: { runAsUser: 1000 } };
