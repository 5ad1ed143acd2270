/** Decides what the runtime class of a pod adds to it: what the runtime costs, and on which nodes there is one. Pure. */
import { semanticEqual } from '#api/meta/semantic-equal';
import type { RuntimeClass } from '#api/node/runtime-class';
import type { PodSpec, Toleration } from '#api/types/core-v1';

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

/** Both lists without what another toleration covers; of equal ones the first stays. */
function mergeTolerations(own: readonly Toleration[], added: readonly Toleration[]): readonly Toleration[] {
  const merged: Toleration[] = [];
  const all = [...own, ...added];
  for (const [index, toleration] of all.entries()) {
    const isCovered =
      merged.some((each) => coversToleration(each, toleration)) ||
      all.slice(index + 1).some((each) => !semanticEqual(each, toleration) && coversToleration(each, toleration));
    if (!isCovered) merged.push(toleration);
  }
  return merged;
}

function coversToleration(wide: Toleration, narrow: Toleration): boolean {
  return semanticEqual(wide, narrow) || RESPECTS.every((covers) => covers(wide, narrow));
}

type Covers = (wide: Toleration, narrow: Toleration) => boolean;

const RESPECTS: readonly Covers[] = [
  (wide, narrow) => (wide.key ?? '') === (narrow.key ?? '') || (!wide.key && wide.operator === 'Exists'),
  (wide, narrow) => !wide.effect || wide.effect === narrow.effect,
  coversTime,
  (wide, narrow) =>
    wide.operator === 'Exists' ||
    ((wide.operator ?? '') === (narrow.operator ?? '') && (wide.value ?? '') === (narrow.value ?? '')),
];

function coversTime(wide: Toleration, narrow: Toleration): boolean {
  if (wide.effect !== 'NoExecute' || wide.tolerationSeconds === undefined) return true;
  return narrow.tolerationSeconds !== undefined && narrow.tolerationSeconds <= wide.tolerationSeconds;
}
