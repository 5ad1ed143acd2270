/** Keeps pods in the zones and regions that the labels of their volumes name. */
import type { PersistentVolume } from '#api/types/core-v1';
import { type Plugin, refusalForGood } from '../framework/plugin.ts';
import { claimedVolumes } from './pod-volumes.ts';

const REFUSAL = refusalForGood('node(s) had no available volume zone');

/** Labels of former times, and what they are called now. */
const CURRENT: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const TOPOLOGIES = [...Object.keys(CURRENT), ...Object.values(CURRENT)];

type Labels = Readonly<Record<string, string>>;
type Zoning = { readonly key: string; readonly values: readonly string[] };

export const volumeZone: Plugin = {
  name: 'VolumeZone',
  isForOnePod: true,
  filter: (pod, state) => {
    const zonings = claimedVolumes(pod, state.storage).flatMap(({ volume }) => zonesOf(volume));
    if (zonings.length === 0) return undefined;
    return {
      verdict: (slot) => {
        const labels = state.nodeAt(slot)?.metadata.labels ?? {};
        // A node that says nothing of where it is may be anywhere.
        if (!TOPOLOGIES.some((key) => Object.hasOwn(labels, key))) return undefined;
        return zonings.every((zoning) => lies(labels, zoning)) ? undefined : REFUSAL;
      },
    };
  },
  wakes: ({ kind }) => kind === 'StorageChanged' || kind === 'NodeAdded' || kind === 'NodeChanged',
};

/** A volume that several zones have names them all in one label. */
export function zonesOf(volume: PersistentVolume | undefined): readonly Zoning[] {
  const labels: Labels = volume?.metadata.labels ?? {};
  return TOPOLOGIES.filter((key) => Object.hasOwn(labels, key)).map((key) => ({
    key,
    values: (labels[key] ?? '').split('__').map((value) => value.trim()),
  }));
}

function lies(labels: Labels, { key, values }: Zoning): boolean {
  const value = labels[key] ?? labels[CURRENT[key] ?? key];
  return value !== undefined && values.includes(value);
}
