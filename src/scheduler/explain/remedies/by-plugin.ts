/** Which remedies there are for the refusals of which plugin. */
import type { Remedies } from '../remedy.ts';
import { tolerate, uncordon } from './cordons-and-taints.ts';
import { otherPorts } from './host-ports.ts';
import { nodeLabels } from './node-labels.ts';
import { nearOtherPods } from './pod-affinity.ts';
import { lowerRequests } from './requests.ts';
import { spreadWider } from './spreading.ts';
import { volumesInUse } from './volumes-in-use.ts';
import { volumePlaces } from './volume-places.ts';

export const REMEDIES: Readonly<Record<string, Remedies>> = {
  NodeUnschedulable: uncordon,
  TaintToleration: tolerate,
  NodeAffinity: nodeLabels,
  NodePorts: otherPorts,
  NodeResourcesFit: lowerRequests,
  VolumeRestrictions: volumesInUse,
  VolumeBinding: volumePlaces,
  VolumeZone: volumePlaces,
  PodTopologySpread: spreadWider,
  InterPodAffinity: nearOtherPods,
};
