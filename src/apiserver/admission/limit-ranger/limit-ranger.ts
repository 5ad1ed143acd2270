/** What pods and claims ask for stays within the bounds of their namespace; who says nothing gets its defaults. */
import { LimitRange } from '#api/core/limit-range';
import type * as core from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';
import type { Store } from '#store/store';
import { type AdmissionPlugin, type AdmissionRequest, admissionForbidden, joinedProblems } from '../admission.ts';
import { newestList } from '../newest-list.ts';
import { claimViolations, podViolations } from './check-bounds.ts';
import { type LimitDefaults, planLimitDefaults } from './plan-defaults.ts';

export function limitRanger(store: Store): AdmissionPlugin {
  const ranges = newestList(store, LimitRange);
  const rangesOf = ({ object }: AdmissionRequest): readonly core.LimitRange[] => ranges.in(object.metadata.namespace);
  const shared = new SharedDefaults();
  return {
    name: 'LimitRanger',
    complete: true,
    of: ['/pods', '/persistentvolumeclaims'],
    handles: (request) => isCreatedPod(request) || isResizedPod(request) || isLivingClaim(request),
    mutate(request) {
      if (!isCreatedPod(request)) return request.object;
      return rangesOf(request).reduce((pod, range) => shared.apply(pod, range), request.object as core.Pod);
    },
    validate(request) {
      for (const range of rangesOf(request)) {
        const problems = isClaim(request)
          ? claimViolations(range, request.object as core.PersistentVolumeClaim)
          : podViolations(range, (request.object as core.Pod).spec);
        if (problems.length > 0) throw admissionForbidden(request, joinedProblems(problems));
      }
    },
  };
}

const isPod = ({ definition }: AdmissionRequest): boolean => definition.group === '' && definition.plural === 'pods';
const isClaim = ({ definition }: AdmissionRequest): boolean =>
  definition.group === '' && definition.plural === 'persistentvolumeclaims';

// What containers of a pod that runs ask for changes through `resize` alone.
const isCreatedPod = (request: AdmissionRequest): boolean =>
  request.operation === 'create' && request.subresource === undefined && isPod(request);
const isResizedPod = (request: AdmissionRequest): boolean =>
  request.operation === 'update' && request.subresource === 'resize' && isPod(request);

/** What is on its way out is held to nothing any more. */
const isLivingClaim = (request: AdmissionRequest): boolean =>
  isClaim(request) &&
  request.operation !== 'delete' &&
  request.subresource === undefined &&
  request.stored?.metadata.deletionTimestamp === undefined;

/** Pods that share a spec share what a range makes of it. */
class SharedDefaults {
  readonly #made = new WeakMap<core.PodSpec, WeakMap<core.LimitRange, LimitDefaults>>();

  apply(pod: core.Pod, range: core.LimitRange): core.Pod {
    const { metadata, spec } = pod;
    const planned = this.#made.get(spec)?.get(range) ?? this.#plan(spec, range);
    if (planned === undefined) return pod;
    return {
      ...pod,
      metadata: { ...metadata, annotations: { ...metadata.annotations, ...planned.annotations } },
      spec: planned.spec,
    };
  }

  #plan(spec: core.PodSpec, range: core.LimitRange): LimitDefaults | undefined {
    const planned = planLimitDefaults(spec, range);
    // Only what is frozen can be another pod's too: what came over the network belongs to one.
    if (planned === undefined || !Object.isFrozen(spec)) return planned;
    const ofSpec = this.#made.get(spec) ?? new WeakMap<core.LimitRange, LimitDefaults>();
    this.#made.set(spec, ofSpec.set(range, deepFreeze(planned)));
    return planned;
  }
}
