/** What a pod is told of itself: in files, alone and projected, and in variables. */
import type { DownwardAPIVolumeFile, EnvVar, Volume } from '#api/types/core-v1';
import { type PodCase, type PodCases, withVolume } from './pod-case.ts';

const RESOURCES = {
  requests: { cpu: '250m', memory: '32Mi' },
  limits: { cpu: '1250m', memory: '64Mi' },
};

/** How the files are written into a volume. */
type Source = (items: readonly DownwardAPIVolumeFile[], defaultMode?: number) => Omit<Volume, 'name'>;

const alone: Source = (items, defaultMode) => ({
  downwardAPI: { items, ...(defaultMode === undefined ? {} : { defaultMode }) },
});
const projected: Source = (items, defaultMode) => ({
  projected: { sources: [{ downwardAPI: { items } }], ...(defaultMode === undefined ? {} : { defaultMode }) },
});

function amount(source: Source, resource: string, says: string | RegExp): PodCase {
  const item = { path: 'amount', resourceFieldRef: { containerName: 'main', resource } };
  const bounded = typeof says === 'string';
  return withVolume(
    { volume: source([item]) },
    { script: 'cat /v/amount', says, container: bounded ? { resources: RESOURCES } : {} },
  );
}

const NAME = { path: 'name', fieldRef: { fieldPath: 'metadata.name' } };
const mode = (volume: Omit<Volume, 'name'>): PodCase =>
  withVolume({ volume }, { script: "stat -L -c '%a' /v/name", says: '400' });

const name = (source: Source, says: string): PodCase =>
  withVolume({ volume: source([NAME]) }, { script: 'cat /v/name', says });

const field = (name: string, fieldPath: string): EnvVar => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const resource = (name: string, what: string, divisor?: string): EnvVar => ({
  name,
  valueFrom: { resourceFieldRef: { resource: what, ...(divisor === undefined ? {} : { divisor }) } },
});

const ADDRESS = String.raw`\d+\.\d+\.\d+\.\d+`;

export const DOWNWARD_CASES: PodCases = {
  'downward-volume-cpu-limit': amount(alone, 'limits.cpu', '2'),
  'downward-volume-cpu-request': amount(alone, 'requests.cpu', '1'),
  'downward-volume-memory-limit': amount(alone, 'limits.memory', '67108864'),
  'downward-volume-memory-request': amount(alone, 'requests.memory', '33554432'),
  'downward-volume-default-cpu-limit': amount(alone, 'limits.cpu', /^[1-9]\d*$/),
  'downward-volume-default-memory-limit': amount(alone, 'limits.memory', /^[1-9]\d*$/),
  'downward-volume-pod-name': name(alone, 'downward-volume-pod-name'),
  'downward-volume-defaultMode': mode(alone([NAME], 0o400)),
  'downward-volume-item-mode': mode(alone([{ ...NAME, mode: 0o400 }])),
  'projected-downward-cpu-limit': amount(projected, 'limits.cpu', '2'),
  'projected-downward-cpu-request': amount(projected, 'requests.cpu', '1'),
  'projected-downward-memory-limit': amount(projected, 'limits.memory', '67108864'),
  'projected-downward-memory-request': amount(projected, 'requests.memory', '33554432'),
  'projected-downward-default-cpu-limit': amount(projected, 'limits.cpu', /^[1-9]\d*$/),
  'projected-downward-default-memory-limit': amount(projected, 'limits.memory', /^[1-9]\d*$/),
  'projected-downward-pod-name': name(projected, 'projected-downward-pod-name'),
  'projected-downward-defaultMode': mode(projected([NAME], 0o400)),
  'projected-downward-item-mode': mode(projected([{ ...NAME, mode: 0o400 }])),
  'downward-env-cpu-and-memory': {
    script: 'echo $CPU_LIMIT $CPU_REQUEST $MEMORY_LIMIT $MEMORY_REQUEST $MILLI',
    says: '2 1 67108864 33554432 250',
    container: {
      resources: RESOURCES,
      env: [
        resource('CPU_LIMIT', 'limits.cpu'),
        resource('CPU_REQUEST', 'requests.cpu'),
        resource('MEMORY_LIMIT', 'limits.memory'),
        resource('MEMORY_REQUEST', 'requests.memory'),
        resource('MILLI', 'requests.cpu', '1m'),
      ],
    },
  },
  'downward-env-default-limits': {
    script: 'echo $CPU $MEMORY',
    says: /^[1-9]\d* [1-9]\d*$/,
    container: { env: [resource('CPU', 'limits.cpu'), resource('MEMORY', 'limits.memory')] },
  },
  'downward-env-host-IP': {
    script: 'echo $HOST $HOSTS',
    says: new RegExp(`^(${ADDRESS}) \\1$`),
    container: { env: [field('HOST', 'status.hostIP'), field('HOSTS', 'status.hostIPs')] },
  },
  'downward-env-pod-UID': {
    script: 'echo $UID_OF_POD',
    says: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    container: { env: [field('UID_OF_POD', 'metadata.uid')] },
  },
  'downward-env-name-namespace-IP': {
    script: 'echo $NAME $NAMESPACE $IP; hostname -i',
    says: new RegExp(`^downward-env-name-namespace-ip default (${ADDRESS})\n\\1$`),
    container: {
      env: [field('NAME', 'metadata.name'), field('NAMESPACE', 'metadata.namespace'), field('IP', 'status.podIP')],
    },
  },
};
