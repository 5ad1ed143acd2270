/** Decides what the status of a namespace that is being deleted says about what is left in it. */
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import type { Namespace, NamespaceCondition } from '#api/types/core-v1';

/** What is left of one kind: how many objects, and which finalizers hold how many of them. */
export type Remains = {
  /** `deployments.apps`, `pods.` */
  readonly resource: string;
  readonly count: number;
  readonly finalizers: ReadonlyMap<string, number>;
};

type Kind = { readonly group: string; readonly plural: string };

/**
 * In which order the kinds of a namespace go: what runs first, while all it uses is still there, and the policies
 * that fence it in last.
 */
export function planStages<K extends Kind>(kinds: readonly K[]): readonly (readonly K[])[] {
  const isPod = ({ group, plural }: K): boolean => group === '' && plural === 'pods';
  const isPolicy = ({ group, plural }: K): boolean => group === 'networking.k8s.io' && plural === 'networkpolicies';
  return [kinds.filter(isPod), kinds.filter((kind) => !isPod(kind) && !isPolicy(kind)), kinds.filter(isPolicy)];
}

const FINALIZER = 'kubernetes';

export function isFinalized({ spec }: Namespace): boolean {
  return !(spec.finalizers ?? []).includes(FINALIZER);
}

export function withoutFinalizer(namespace: Namespace): Namespace {
  const finalizers = (namespace.spec.finalizers ?? []).filter((name) => name !== FINALIZER);
  return { ...namespace, spec: { ...namespace.spec, finalizers } };
}

export type Progress = {
  readonly remains: readonly Remains[];
  readonly failures: readonly string[];
  readonly nowMs: number;
};

/** The namespace with its phase and conditions; the same object when nothing changes. */
export function planTerminatingStatus(namespace: Namespace, { remains, failures, nowMs }: Progress): Namespace {
  const before = namespace.status?.conditions;
  const conditions = planConditions(remains, failures).reduce<readonly NamespaceCondition[]>(
    (list, said) => setCondition(list, { ...said, lastTransitionTime: formatTime(nowMs) }),
    before ?? [],
  );
  if (namespace.status?.phase === 'Terminating' && conditions === before) return namespace;
  return { ...namespace, status: { ...namespace.status, phase: 'Terminating', conditions } };
}

function planConditions(remains: readonly Remains[], failures: readonly string[]): readonly NamespaceCondition[] {
  return [
    said('NamespaceDeletionDiscoveryFailure', undefined, [
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ]),
    said('NamespaceDeletionGroupVersionParsingFailure', undefined, [
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ]),
    said(
      'NamespaceDeletionContentFailure',
      failures.length === 0
        ? undefined
        : [
            'ContentDeletionFailed',
            `Failed to delete all resource types, ${failures.length} remaining: ${failures.toSorted().join(', ')}`,
          ],
      ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    ),
    said('NamespaceContentRemaining', remaining(remains), ['ContentRemoved', 'All content successfully removed']),
    said('NamespaceFinalizersRemaining', finalizersRemaining(remains), [
      'ContentHasNoFinalizers',
      'All content-preserving finalizers finished',
    ]),
  ];
}

type Words = readonly [reason: string, message: string];

function said(type: string, problem: Words | undefined, fine: Words): NamespaceCondition {
  const [reason, message] = problem ?? fine;
  return { type, status: problem === undefined ? 'False' : 'True', reason, message };
}

function remaining(remains: readonly Remains[]): Words | undefined {
  if (remains.length === 0) return undefined;
  const parts = remains.map(({ resource, count }) => `${resource} has ${count} resource instances`).toSorted();
  return ['SomeResourcesRemain', `Some resources are remaining: ${parts.join(', ')}`];
}

function finalizersRemaining(remains: readonly Remains[]): Words | undefined {
  const counts = new Map<string, number>();
  for (const { finalizers } of remains) {
    for (const [name, count] of finalizers) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  if (counts.size === 0) return undefined;
  const parts = [...counts].map(([name, count]) => `${name} in ${count} resource instances`).toSorted();
  return ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${parts.join(', ')}`];
}
