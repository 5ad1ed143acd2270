/** The last touch to a pod that is being made: its first status, and selectors that depend on its own labels. */
import type { Affinity, Pod, PodAffinity, PodAffinityTerm, PodCondition } from '../../types/core-v1.ts';
import type { LabelSelectorRequirement } from '../../types/meta-v1.ts';
import { qosClassOf } from '../qos.ts';
import { mapped } from './default-parts.ts';

type Labels = Readonly<Record<string, string>>;

/** A client has no say in the status of a new pod. */
export function preparePod(pod: Pod): Pod {
  const { affinity } = pod.spec;
  const matched = affinity === undefined ? affinity : matchOwnLabels(affinity, pod.metadata.labels ?? {});
  return {
    ...pod,
    ...(affinity === matched || matched === undefined ? {} : { spec: { ...pod.spec, affinity: matched } }),
    status: { phase: 'Pending', qosClass: qosClassOf(pod.spec), ...gatedCondition(pod) },
  };
}

function gatedCondition({ spec: { schedulingGates = [] } }: Pod): { readonly conditions?: readonly PodCondition[] } {
  if (schedulingGates.length === 0) return {};
  return {
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ],
  };
}

/** `matchLabelKeys` stand for the values the pod itself has; those are known now. The same value comes back when there are none. */
function matchOwnLabels(affinity: Affinity, labels: Labels): Affinity {
  const { podAffinity, podAntiAffinity } = affinity;
  if (![podAffinity, podAntiAffinity].some((each) => each !== undefined && hasLabelKeys(each))) return affinity;
  return {
    ...affinity,
    ...(podAffinity === undefined ? {} : { podAffinity: withOwnLabels(podAffinity, labels) }),
    ...(podAntiAffinity === undefined ? {} : { podAntiAffinity: withOwnLabels(podAntiAffinity, labels) }),
  };
}

function hasLabelKeys(affinity: PodAffinity): boolean {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed = [] } = affinity;
  const { preferredDuringSchedulingIgnoredDuringExecution: liked = [] } = affinity;
  const terms = [...needed, ...liked.map(({ podAffinityTerm }) => podAffinityTerm)];
  return terms.some(
    ({ matchLabelKeys = [], mismatchLabelKeys = [] }) => matchLabelKeys.length + mismatchLabelKeys.length > 0,
  );
}

function withOwnLabels(affinity: PodAffinity, labels: Labels): PodAffinity {
  const change = (term: PodAffinityTerm): PodAffinityTerm => withOwnLabel(term, labels);
  return {
    ...mapped(
      'requiredDuringSchedulingIgnoredDuringExecution',
      affinity.requiredDuringSchedulingIgnoredDuringExecution,
      change,
    ),
    ...mapped(
      'preferredDuringSchedulingIgnoredDuringExecution',
      affinity.preferredDuringSchedulingIgnoredDuringExecution,
      (liked) => ({ ...liked, podAffinityTerm: change(liked.podAffinityTerm) }),
    ),
  };
}

function withOwnLabel(term: PodAffinityTerm, labels: Labels): PodAffinityTerm {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (labelSelector === undefined) return term;
  const expressions = (keys: readonly string[], operator: string): readonly LabelSelectorRequirement[] =>
    keys.flatMap((key) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const added = [...expressions(matchLabelKeys, 'In'), ...expressions(mismatchLabelKeys, 'NotIn')];
  if (added.length === 0) return term;
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...added];
  return { ...term, labelSelector: { ...labelSelector, matchExpressions } };
}
