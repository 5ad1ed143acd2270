/** The plugins of the default scheduler with upstream's weights, in upstream's order. */
import type { Profile } from '../framework/plugin.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { dynamicResources, volumeBinding } from './claims.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const fit = nodeResourcesFit();
const affinity = nodeAffinity();
const spread = podTopologySpread();
const company = interPodAffinity();

export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  filters: [
    nodeUnschedulable,
    nodeName,
    taintToleration,
    affinity,
    nodePorts,
    fit,
    volumeRestrictions,
    nodeVolumeLimits,
    volumeBinding,
    volumeZone,
    spread,
    company,
    dynamicResources,
  ],
  scores: [
    { plugin: taintToleration, weight: 3 },
    { plugin: affinity, weight: 2 },
    { plugin: fit, weight: 1 },
    { plugin: spread, weight: 2 },
    { plugin: company, weight: 2 },
    { plugin: balancedAllocation(), weight: 1 },
    { plugin: imageLocality, weight: 1 },
  ],
};
