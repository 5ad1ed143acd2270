/** Refuses every node but the one the pod names. */
import { FITS, type FilterPlugin, refusedForGood } from '../framework/plugin.ts';

export const nodeName: FilterPlugin = {
  name: 'NodeName',
  wakesOn: ['NodeAdded'],
  filter: ({ spec }, { node }) =>
    spec.nodeName === undefined || spec.nodeName === '' || spec.nodeName === node.metadata.name
      ? FITS
      : refusedForGood("node(s) didn't match the requested node name"),
};
