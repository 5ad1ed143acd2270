/** Refuses every node but the one the pod names. */
import { type Plugin, refusalForGood } from '../framework/plugin.ts';

const REFUSAL = refusalForGood("node(s) didn't match the requested node name");

export const nodeName: Plugin = {
  name: 'NodeName',
  filter: ({ spec: { nodeName: wanted = '' } }, state) =>
    wanted === '' ? undefined : { verdict: (slot) => (state.nameAt(slot) === wanted ? undefined : REFUSAL) },
  wakes: (event, { spec }) => event.kind === 'NodeAdded' && event.node.metadata.name === spec.nodeName,
};
