/** Pods take their priority from the class they name, or from the default one; there is one default. */
import { PriorityClass } from '#api/scheduling/priority-class';
import { isSystemClass } from '#api/scheduling/system-classes';
import type * as core from '#api/types/core-v1';
import type { Store } from '#store/store';
import { kindKey, objectKey } from '../registry/keys.ts';
import { type AdmissionPlugin, type AdmissionRequest, admissionForbidden } from './admission.ts';
import { type NewestList, newestList } from './newest-list.ts';
import { SharedSpecs } from './shared-specs.ts';

export function priority(store: Store): AdmissionPlugin {
  const shared = new SharedSpecs<PriorityClass | undefined>();
  const classes = newestList(store, PriorityClass);
  return {
    name: 'Priority',
    complete: true,
    of: ['/pods', kindKey(PriorityClass)],
    handles: ({ definition, operation, subresource }) =>
      subresource === undefined && (operation !== 'delete' || isPriorityClass(definition)),
    mutate(request) {
      if (isPriorityClass(request.definition)) return request.object;
      const pod = request.object as core.Pod;
      if (request.stored !== undefined) return keepPriority(pod, request.stored as core.Pod);
      const found = classOf({ store, classes }, request, pod.spec.priorityClassName);
      const spec = shared.get(pod.spec, found, () => withPriority(request, pod.spec, found));
      return spec === pod.spec ? pod : { ...pod, spec };
    },
    validate(request) {
      if (isPriorityClass(request.definition)) requireOneDefault(classes, request);
    },
  };
}

const isPriorityClass = ({ group, plural }: AdmissionRequest['definition']): boolean =>
  group === PriorityClass.group && plural === PriorityClass.plural;

/** A client that does not know these fields does not mean to remove them. */
function keepPriority(pod: core.Pod, { spec: stored }: core.Pod): core.Pod {
  const { spec } = pod;
  const kept = {
    ...(spec.priority === undefined && stored.priority !== undefined && { priority: stored.priority }),
    ...(spec.preemptionPolicy === undefined &&
      stored.preemptionPolicy !== undefined && { preemptionPolicy: stored.preemptionPolicy }),
  };
  return Object.keys(kept).length === 0 ? pod : { ...pod, spec: { ...spec, ...kept } };
}

type Classes = NewestList<PriorityClass>;
type Sources = { readonly store: Store; readonly classes: Classes };

function classOf(
  { store, classes }: Sources,
  request: AdmissionRequest,
  name: string | undefined,
): PriorityClass | undefined {
  if (!name) return defaultClass(classes);
  const found = store.get(objectKey(PriorityClass, { name })) as PriorityClass | undefined;
  if (found === undefined) throw admissionForbidden(request, `no PriorityClass with name ${name} was found`);
  return found;
}

/** Should two writers have made two, the less important one it is. */
function defaultClass(classes: Classes): PriorityClass | undefined {
  const [first] = classes
    .all()
    .filter(({ globalDefault }) => globalDefault === true)
    .toSorted((left, right) => (left.value ?? 0) - (right.value ?? 0));
  return first;
}

function withPriority(request: AdmissionRequest, spec: core.PodSpec, found: PriorityClass | undefined): core.PodSpec {
  const { value = 0, preemptionPolicy = 'PreemptLowerPriority' } = found ?? {};
  const { priority: said, preemptionPolicy: saidPolicy } = spec;
  const computed = (given: unknown, what: string): string =>
    `the ${what} (${String(given)}) must not be provided in pod spec; priority admission controller computed`;
  const from = 'from the given PriorityClass name';
  if (said !== undefined && said !== value)
    throw admissionForbidden(request, `${computed(said, 'integer value of priority')} ${value} ${from}`);
  if (saidPolicy !== undefined && saidPolicy !== preemptionPolicy) {
    const problem = computed(saidPolicy, 'string value of PreemptionPolicy');
    throw admissionForbidden(request, `${problem} ${preemptionPolicy} ${from}`);
  }
  const name = found?.metadata.name;
  return { ...spec, ...(name !== undefined && { priorityClassName: name }), priority: value, preemptionPolicy };
}

function requireOneDefault(classes: Classes, request: AdmissionRequest): void {
  const { metadata, globalDefault } = request.object as PriorityClass;
  if (request.operation === 'delete') {
    if (isSystemClass(metadata.name))
      throw admissionForbidden(request, 'this is a system priority class and cannot be deleted');
    return;
  }
  if (globalDefault !== true) return;
  const other = defaultClass(classes)?.metadata.name;
  if (other === undefined || (request.operation === 'update' && other === metadata.name)) return;
  throw admissionForbidden(request, `PriorityClass ${other} is already marked as default. Only one default can exist`);
}
