/** What `pods/resize` may change: the CPU and memory of containers that exist, within their pod's class of service. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid } from '../../meta/field-error.ts';
import { semanticEqual } from '../../meta/semantic-equal.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../types/core-v1.ts';
import { qosClassOf } from '../qos.ts';
import { isMirror } from './annotations.ts';
import { isSidecar } from './visit.ts';

const LISTS = ['containers', 'initContainers'] as const;
const RESIZABLE = ['cpu', 'memory'] as const;

/** The stored pod with the resources that were sent. Lists that do not match are kept as sent, for validation to tell. */
export function withSentResources(sent: Pod, stored: Pod): Pod {
  const { containers, initContainers } = stored.spec;
  const spec: PodSpec = {
    ...stored.spec,
    containers: merged(sent.spec.containers, containers),
    ...(initContainers === undefined && sent.spec.initContainers === undefined
      ? {}
      : { initContainers: merged(sent.spec.initContainers ?? [], initContainers ?? []) }),
  };
  return { ...stored, spec };
}

function merged(sent: readonly Container[], stored: readonly Container[]): readonly Container[] {
  if (!sameNames(sent, stored)) return sent;
  return stored.map((container, index) => {
    const { resources: _resources, resizePolicy: _policy, ...rest } = container;
    const { resources, resizePolicy } = sent[index] ?? container;
    return {
      ...rest,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}

const sameNames = (left: readonly Container[], right: readonly Container[]): boolean =>
  left.length === right.length && left.every(({ name }, index) => name === right[index]?.name);

export function validateResize(next: Pod, stored: Pod): readonly FieldError[] {
  const refusal = refusalOf(next, stored);
  if (refusal !== undefined) return [forbidden('', refusal)];
  const misplaced = LISTS.flatMap((list) => [...validateOrder(list, next.spec[list] ?? [], stored.spec[list] ?? [])]);
  if (misplaced.length > 0) return misplaced;
  return [...validateWhole(next, stored), ...validateContainers(next.spec, stored.spec)];
}

/** Why a pod cannot be resized at all. */
function refusalOf(next: Pod, stored: Pod): string | undefined {
  if ([next, stored].some(hasOwnResources)) return 'pods with pod-level resources cannot be resized';
  if (isMirror(stored)) return 'static pods cannot be resized';
  return stored.spec.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined;
}

function hasOwnResources({ spec: { resources = {} } }: Pod): boolean {
  return Object.keys({ ...resources.requests, ...resources.limits }).length > 0;
}

function* validateOrder(
  list: (typeof LISTS)[number],
  next: readonly Container[],
  stored: readonly Container[],
): Generator<FieldError> {
  if (next.length !== stored.length) {
    yield forbidden(`spec.${list}`, `${list} may not be added or removed on resize`);
    return;
  }
  for (const [index, { name }] of stored.entries())
    if (next[index]?.name !== name)
      yield forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`);
}

function* validateWhole(next: Pod, stored: Pod): Generator<FieldError> {
  if (qosClassOf(next.spec) !== qosClassOf(stored.spec))
    yield invalid('spec', stored.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing');
  const running = stored.status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  // Nodes that can resize tell the resources of what they run.
  if (running !== undefined && running.resources === undefined)
    yield forbidden('spec', 'Pod running on node without support for resize');
}

function* validateContainers(next: PodSpec, stored: PodSpec): Generator<FieldError> {
  const inits = pairs('initContainers', next, stored);
  const containers = pairs('containers', next, stored);
  const lasting = [...inits.filter(({ old }) => isSidecar(old)), ...containers];
  for (const { container, old, field } of lasting)
    yield* validateKept(container.resources, old.resources, `${field}.resources`);
  for (const { container, old } of containers)
    if (!semanticEqual(withoutResizable(container, old), old))
      yield forbidden('spec', 'only cpu and memory resources are mutable');
  for (const { container, old } of inits) {
    const problem = isSidecar(old) ? sidecarProblem(container, old) : initProblem(container, old);
    if (problem !== undefined) yield forbidden('spec', problem);
  }
}

type Pair = { readonly container: Container; readonly old: Container; readonly field: string };

const pairs = (list: (typeof LISTS)[number], next: PodSpec, stored: PodSpec): readonly Pair[] =>
  (stored[list] ?? []).map((old, index) => ({
    container: next[list]?.[index] ?? old,
    old,
    field: `spec.${list}[${index}]`,
  }));

function sidecarProblem(next: Container, stored: Container): string | undefined {
  const isSame = semanticEqual(withoutResizable(next, stored), stored);
  return isSame ? undefined : 'only cpu and memory resources for sidecar containers are mutable';
}

function initProblem(next: Container, stored: Container): string | undefined {
  return semanticEqual(next, stored) ? undefined : 'resources for non-sidecar init containers are immutable';
}

/** What was asked for or limited once stays so, in another amount. */
function* validateKept(
  next: ResourceRequirements = {},
  stored: ResourceRequirements = {},
  field: string,
): Generator<FieldError> {
  for (const side of ['requests', 'limits'] as const) {
    const after = next[side] ?? {};
    if (Object.keys(stored[side] ?? {}).some((name) => !Object.hasOwn(after, name)))
      yield forbidden(`${field}.${side}`, `resource ${side} cannot be removed`);
  }
}

/** The container with CPU and memory as they are stored: what still differs must not. */
function withoutResizable(next: Container, stored: Container): Container {
  const side = (name: 'requests' | 'limits'): Readonly<Record<string, string>> => {
    const amounts = new Map(Object.entries(next.resources?.[name] ?? {}));
    for (const resource of RESIZABLE) {
      const before = stored.resources?.[name]?.[resource];
      if (before === undefined) amounts.delete(resource);
      else amounts.set(resource, before);
    }
    return Object.fromEntries(amounts);
  };
  return { ...next, resources: { ...next.resources, requests: side('requests'), limits: side('limits') } };
}
