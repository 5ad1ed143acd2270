/** Decides what the runtime class of a pod adds to it: what the runtime costs, and on which nodes there is one. Pure. */
import { semanticEqual } from '#api/meta/semantic-equal';
import type { RuntimeClass } from '#api/node/runtime-class';
import type { PodSpec } from '#api/types/core-v1';
import { mergeTolerations } from './merge-tolerations.ts';

export type RuntimePlan = { readonly spec: PodSpec } | { readonly refusal: string };

export function planRuntime(spec: PodSpec, runtime: RuntimeClass): RuntimePlan {
  const refusal = contradictionOf(spec, runtime);
  if (refusal !== undefined) return { refusal };
  const cost = runtime.overhead?.podFixed;
  const { nodeSelector, tolerations = [] } = runtime.scheduling ?? {};
  return {
    spec: {
      ...spec,
      ...(cost && { overhead: cost }),
      ...(nodeSelector && { nodeSelector: { ...spec.nodeSelector, ...nodeSelector } }),
      ...(tolerations.length > 0 && { tolerations: mergeTolerations(spec.tolerations ?? [], tolerations) }),
    },
  };
}

function contradictionOf(spec: PodSpec, { overhead, scheduling }: RuntimeClass): string | undefined {
  const cost = overhead?.podFixed;
  if (cost !== undefined && spec.overhead !== undefined && !semanticEqual(cost, spec.overhead))
    return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
  return otherNodes(spec.nodeSelector ?? {}, scheduling?.nodeSelector ?? {});
}

type Labels = Readonly<Record<string, string>>;

function otherNodes(own: Labels, wanted: Labels): string | undefined {
  const key = Object.keys(wanted)
    .toSorted()
    .find((each) => Object.hasOwn(own, each) && own[each] !== wanted[each]);
  if (key === undefined) return undefined;
  return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${wanted[key]}; pod.spec.nodeSelector[${key}] = ${own[key]}`;
}
