/** Scopes of quotas: which objects of a namespace a quota is about, and what a scope can limit. */
import { matchesLabels, type Operator } from '../../meta/label-selector.ts';
import type { ApiObject } from '../../object.ts';
import type {
  PersistentVolumeClaim,
  Pod,
  PodAffinity,
  PodAffinityTerm,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../../types/core-v1.ts';
import { qosClassOf } from '../qos.ts';
import { isComputeName, isStandardQuotaName, type QuotaKind } from './names.ts';

const SCOPES: readonly string[] = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];

export const isScope = (name: string): boolean => SCOPES.includes(name);

/** Pods without requests use nothing that could be limited but their number. */
export function scopeFits(scope: string, name: string): boolean {
  if (!isStandardQuotaName(name)) return true;
  if (scope === 'BestEffort') return name === 'pods';
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage';
  return !SCOPES.includes(scope) || name === 'pods' || isComputeName(name);
}

/** All scopes must hold; a quota without any is about every object. */
export function isInScopes(
  { scopes = [], scopeSelector }: ResourceQuotaSpec,
  kind: QuotaKind,
  object: ApiObject,
): boolean {
  const plain = scopes.map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(scopeSelector?.matchExpressions ?? [])].every((scope) => isInScope(scope, kind, object));
}

function isInScope(scope: ScopedResourceSelectorRequirement, kind: QuotaKind, object: ApiObject): boolean {
  if (kind.group !== '') return false;
  if (kind.plural === 'persistentvolumeclaims') return isClaimInScope(scope, object as PersistentVolumeClaim);
  return kind.plural === 'pods' && (POD_SCOPES.get(scope.scopeName)?.(object as Pod, scope) ?? false);
}

type PodScope = (pod: Pod, scope: ScopedResourceSelectorRequirement) => boolean;

const hasDeadline = ({ spec: { activeDeadlineSeconds } }: Pod): boolean => (activeDeadlineSeconds ?? -1) >= 0;
const isBestEffort = ({ spec }: Pod): boolean => qosClassOf(spec) === 'BestEffort';

const POD_SCOPES: ReadonlyMap<string, PodScope> = new Map<string, PodScope>([
  ['Terminating', hasDeadline],
  ['NotTerminating', (pod) => !hasDeadline(pod)],
  ['BestEffort', isBestEffort],
  ['NotBestEffort', (pod) => !isBestEffort(pod)],
  ['PriorityClass', ({ spec }, scope) => selects(scope, spec.priorityClassName)],
  ['CrossNamespacePodAffinity', reachesOtherNamespaces],
]);

const OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

function selects(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  value: string | undefined,
): boolean {
  const known = OPERATORS[operator];
  const labels = value ? { [scopeName]: value } : {};
  return known !== undefined && matchesLabels({ requirements: [{ key: scopeName, operator: known, values }] }, labels);
}

function reachesOtherNamespaces({ spec: { affinity } }: Pod): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap(termsOf);
  return terms.some(
    ({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined,
  );
}

function termsOf(affinity: PodAffinity | undefined): readonly PodAffinityTerm[] {
  return [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ];
}

/** A claim on its way from one class to another is of both. */
function isClaimInScope(scope: ScopedResourceSelectorRequirement, { spec, status }: PersistentVolumeClaim): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false;
  const classes = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined && name !== '');
  return classes.length === 0 ? selects(scope, undefined) : classes.some((name) => selects(scope, name));
}
