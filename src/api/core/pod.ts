/** A pod: containers that share a network and a fate on one node. */
import { checkDnsLabel, checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { isTerminal } from './pod-state.ts';
import { POD_COLUMNS } from './pod/columns.ts';
import { preparePod } from './pod/creation.ts';
import { defaultPod } from './pod/defaults.ts';
import { validatePodStatusUpdate } from './pod/status.ts';
import { validatePodUpdate } from './pod/update.ts';
import { isNew, validatePod } from './pod/validation.ts';
import { podWarnings } from './pod/warnings.ts';
import { qosClassOf } from './qos.ts';

export type Pod = core.Pod;

export const Pod = defineResource<Pod>(
  {
    group: '',
    version: 'v1',
    kind: 'Pod',
    plural: 'pods',
    namespaced: true,
  },
  {
    shortNames: ['po'],
    categories: ['all'],
    hasStatus: true,
    applyDefaults,
    prepareForCreate: preparePod,
    validateName: checkDnsSubdomain,
    validate: validatePod,
    validateUpdate: (next, stored) => [...validatePodUpdate(next, stored)],
    validateStatusUpdate: (next, stored) => [...validatePodStatusUpdate(next, stored)],
    warnings,
    columns: POD_COLUMNS,
    selectableFields: {
      'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
      'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
      'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
      'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
      'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
      'status.phase': ({ status }) => status?.phase ?? '',
      'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
      'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
    },
    gracePeriodSeconds,
  },
);

function applyDefaults(pod: Pod): Pod {
  const spec = defaultPod(pod.spec);
  const { status } = pod;
  // An agent that reports a status without the class means no other class.
  const isClassless = status !== undefined && !status.qosClass;
  if (spec === pod.spec && !isClassless) return pod;
  return { ...pod, spec, ...(isClassless ? { status: { ...status, qosClass: qosClassOf(spec) } } : {}) };
}

/** People make pods, machines change them: only the making is commented on. */
function warnings(pod: Pod): readonly string[] {
  if (!isNew(pod)) return [];
  const problems = checkDnsLabel(pod.metadata.name);
  const ofName =
    problems.length === 0
      ? []
      : [
          `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
        ];
  return [...ofName, ...podWarnings({ spec: pod.spec, annotations: pod.metadata.annotations ?? {}, prefix: '' })];
}

/** A pod that runs nowhere, or no longer, has nothing to end gracefully. */
function gracePeriodSeconds(pod: Pod, requested: number | undefined): number {
  if (!pod.spec.nodeName || isTerminal(pod)) return 0;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}
