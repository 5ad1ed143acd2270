/** Validates a quota: names that can be limited, amounts that make sense, scopes that fit them. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, required } from '../../meta/field-error.ts';
import type {
  ResourceQuota,
  ResourceQuotaSpec,
  ResourceQuotaStatus,
  ScopedResourceSelectorRequirement,
} from '../../types/core-v1.ts';
import { type ResourceList, validateAmount, validateResourceNameForm } from '../pod/resources.ts';
import { isStandardQuotaName } from './names.ts';
import { isScope, scopeFits } from './scopes.ts';

// Most complaints about a scope show all scopes: those about very many of them would need more memory than there is.
const MAX_COMPLAINTS = 10;

export function* validateQuota({ spec }: ResourceQuota): Generator<FieldError> {
  yield* validateAmounts(spec.hard, 'spec.hard');
  yield* validateScopes(spec, 'spec.scopes').take(MAX_COMPLAINTS);
  yield* validateSelector(spec, 'spec.scopeSelector.matchExpressions').take(MAX_COMPLAINTS);
}

/** What a quota is about stays; only how much may change. */
export function* validateQuotaUpdate({ spec: next }: ResourceQuota, { spec: stored }: ResourceQuota) {
  const [before, after] = [new Set(stored.scopes), new Set(next.scopes)];
  if (before.symmetricDifference(after).size > 0) yield invalid('spec.scopes', next.scopes, 'field is immutable');
}

export function* validateQuotaStatus({ status }: { readonly status?: ResourceQuotaStatus }): Generator<FieldError> {
  yield* validateAmounts(status?.hard, 'status.hard');
  yield* validateAmounts(status?.used, 'status.used');
}

function* validateAmounts(amounts: ResourceList = {}, field: string): Generator<FieldError> {
  for (const [name, text] of Object.entries(amounts)) {
    const path = `${field}[${name}]`;
    yield* validateResourceNameForm(name, path);
    if (!name.includes('/') && !isStandardQuotaName(name))
      yield invalid(path, name, 'must be a standard resource for quota');
    yield* validateAmount(name, text, path);
  }
}

const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

const conflict = (scopes: readonly string[]): boolean =>
  OPPOSITES.some((pair) => pair.every((scope) => scopes.includes(scope)));

function* validateScopes({ hard = {}, scopes = [] }: ResourceQuotaSpec, field: string): Generator<FieldError> {
  for (const scope of scopes) {
    if (!isScope(scope)) yield invalid(field, scopes, 'unsupported scope');
    for (const _unfit of Object.keys(hard).filter((name) => !scopeFits(scope, name)))
      yield invalid(field, scopes, 'unsupported scope applied to resource');
  }
  if (conflict(scopes)) yield invalid(field, scopes, 'conflicting scopes');
}

function* validateSelector({ hard = {}, scopeSelector }: ResourceQuotaSpec, field: string): Generator<FieldError> {
  const { matchExpressions = [] } = scopeSelector ?? {};
  for (const requirement of matchExpressions) {
    const { scopeName } = requirement;
    if (!isScope(scopeName)) yield invalid(`${field}.scopeName`, scopeName, 'unsupported scope');
    for (const _unfit of Object.keys(hard).filter((name) => !scopeFits(scopeName, name)))
      yield invalid(field, scopeSelector, 'unsupported scope applied to resource');
    yield* validateOperator(requirement, field);
  }
  const names = matchExpressions.map(({ scopeName }) => scopeName);
  if (conflict(names)) yield invalid(field, scopeSelector, 'conflicting scopes');
}

const WITHOUT_VALUES: readonly string[] = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
];
const MUST_EXIST =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';

function* validateOperator(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  field: string,
): Generator<FieldError> {
  if (WITHOUT_VALUES.includes(scopeName) && operator !== 'Exists')
    yield invalid(`${field}.operator`, operator, MUST_EXIST);
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      yield required(
        `${field}.values`,
        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      );
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      yield invalid(
        `${field}.values`,
        values,
        "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
      );
  } else {
    yield invalid(`${field}.operator`, operator, 'not a valid selector operator');
  }
}
