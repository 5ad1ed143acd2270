/** The filters of claims. What they say of nodes is worked out anew for every pod that has claims, and asked in their places. */
import type { Plugin } from '../framework/plugin.ts';

export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  isForOnePod: true,
  wakes: ({ kind }) =>
    kind === 'NodeAdded' || kind === 'NodeChanged' || kind === 'PodRemoved' || kind === 'StorageChanged',
};

export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  isForOnePod: true,
  wakes: ({ kind }) => kind === 'NodeAdded' || kind === 'NodeChanged' || kind === 'DevicesChanged',
};
