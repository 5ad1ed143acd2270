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
    applyStatusDefaults: (pod) => withDefaultStatus(pod, pod.spec),
    prepareForCreate: preparePod,
    validateName: checkDnsSubdomain,
    validate: validatePod,
    validateUpdate: (next, stored) => [...validatePodUpdate(next, stored)],
    validateStatusUpdate: validatePodStatusUpdate,
    warnings,
    columns: POD_COLUMNS,
    selectableFields: {
      'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
      'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
      'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
      'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
      'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
      'status.phase': ({ status }) => status?.phase ?? '',
      // Accepted and always empty, as upstream has it.
      'status.podIPs': () => '',
      // What the first clients called the node.
      'spec.host': ({ spec }) => spec.nodeName ?? '',
      'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
      'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
    },
    gracePeriodSeconds,
  },
);

function applyDefaults(pod: Pod): Pod {
  return withDefaultStatus(pod, defaultPod(pod.spec));
}

function withDefaultStatus(pod: Pod, spec: core.PodSpec): Pod {
  const status = pod.status === undefined ? undefined : defaultStatus(pod.status, spec);
  if (spec === pod.spec && status === pod.status) return pod;
  return { ...pod, spec, ...(status === undefined ? {} : { status }) };
}

/** An agent that reports no class means no other one, and an agent that knows one address need not say it twice. */
function defaultStatus(status: core.PodStatus, spec: core.PodSpec): core.PodStatus {
  const addresses = addressesOf(status);
  if (status.qosClass && addresses === undefined) return status;
  return { ...status, ...addresses, qosClass: status.qosClass || qosClassOf(spec) };
}

/** The first address stands alone and in the list of all. Nothing if that is so already. */
function addressesOf({ podIP, podIPs }: core.PodStatus): Pick<core.PodStatus, 'podIP' | 'podIPs'> | undefined {
  const first = podIPs?.[0]?.ip;
  if (first === podIP) return undefined;
  if (first !== undefined) return { podIP: first };
  return podIP ? { podIPs: [{ ip: podIP }] } : undefined;
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
