/** The filters of claims. What they say of nodes is worked out anew for every pod that has claims, and asked in their places. */
import type { ClusterEvent } from '../framework/cluster-event.ts';
import type { Plugin } from '../framework/plugin.ts';

const BRINGS_VOLUMES: ReadonlySet<ClusterEvent['kind']> = new Set([
  'NodeAdded',
  'NodeChanged',
  'PodRemoved',
  'StorageChanged',
  'StorageFreed',
]);

export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  isForOnePod: true,
  wakes: ({ kind }) => BRINGS_VOLUMES.has(kind),
};

export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  isForOnePod: true,
  wakes: ({ kind }) => kind === 'NodeAdded' || kind === 'NodeChanged' || kind === 'DevicesChanged',
};
