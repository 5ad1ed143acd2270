/** The kinds that workloads create: a simple one and the one with the most rules. */
import { ConfigMap } from '#api/core/config-map';
import { Pod } from '#api/core/pod';
import type { ApiObject, Unsaved } from '#api/object';
import type { ResourceType } from '#api/resource';
import { aWorkloadConfigMap, aWorkloadPod } from '../objects/workload-objects.ts';

export type CreatedKind = {
  readonly plural: string;
  readonly type: ResourceType;
  readonly objectNamed: (name: string) => Unsaved<ApiObject>;
};

/** Pods as a controller makes them: each with a name of its own, all with the spec of one template, by reference. */
const template = aWorkloadPod('template');
export const TEMPLATE_PODS: CreatedKind = {
  plural: 'pods of one template',
  type: Pod,
  objectNamed: (name) => ({ ...template, metadata: { ...template.metadata, name } }),
};

export const CREATED_KINDS: readonly CreatedKind[] = [
  { plural: 'configmaps', type: ConfigMap, objectNamed: aWorkloadConfigMap },
  { plural: 'pods', type: Pod, objectNamed: aWorkloadPod },
];
