/** Decides which names a definition gets of those it asks for, and whether its kind is served. */
import { findCondition, setCondition } from '#api/meta/conditions';
import { semanticEqual } from '#api/meta/semantic-equal';
import { formatTime } from '#api/meta/time';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '#api/types/apiextensions-v1';

/** The definition with its names and conditions; the same object when nothing changes. `others` are all definitions. */
export function planNames(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  nowMs: number,
): CustomResourceDefinition {
  const { spec, status = {} } = crd;
  const { acceptedNames = NO_NAMES, conditions = [] } = status;
  if (semanticEqual(spec.names, acceptedNames) && isServed(conditions)) return crd;
  const taken = takenBy(others.filter((other) => isRival(other, crd)));
  const { names, conflict } = acceptNames(spec.names, acceptedNames, taken);
  const next = { ...status, acceptedNames: names, conditions: planConditions(conditions, conflict, nowMs) };
  return semanticEqual(next, status) ? crd : { ...crd, status: next };
}

const NO_NAMES: CustomResourceDefinitionNames = { plural: '', kind: '' };

function isRival({ metadata, spec }: CustomResourceDefinition, crd: CustomResourceDefinition): boolean {
  return spec.group === crd.spec.group && metadata.name !== crd.metadata.name;
}

type Taken = { readonly resources: ReadonlySet<string>; readonly kinds: ReadonlySet<string> };

function takenBy(others: readonly CustomResourceDefinition[]): Taken {
  const names = others.flatMap(({ status }) => (status?.acceptedNames === undefined ? [] : [status.acceptedNames]));
  return {
    resources: new Set(
      names.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]),
    ),
    kinds: new Set(names.flatMap(({ kind, listKind = '' }) => [kind, listKind])),
  };
}

type Conflict = { readonly reason: string; readonly message: string };
type Acceptance = { readonly names: CustomResourceDefinitionNames; readonly conflict: Conflict | undefined };

/** As many of the names as are free; the last conflict is the one that is told. */
function acceptNames(
  wanted: CustomResourceDefinitionNames,
  accepted: CustomResourceDefinitionNames,
  { resources, kinds }: Taken,
): Acceptance {
  const plural = choose(wanted.plural, accepted.plural, { used: resources, reason: 'PluralConflict' });
  const singular = choose(wanted.singular, accepted.singular, { used: resources, reason: 'SingularConflict' });
  const shortNames = chooseShortNames(wanted.shortNames ?? [], accepted.shortNames ?? [], resources);
  const kind = choose(wanted.kind, accepted.kind, { used: kinds, reason: 'KindConflict' });
  const listKind = choose(wanted.listKind, accepted.listKind, { used: kinds, reason: 'ListKindConflict' });
  const names = {
    plural: plural.name,
    ...(singular.name === '' ? {} : { singular: singular.name }),
    ...(shortNames.names.length === 0 ? {} : { shortNames: shortNames.names }),
    kind: kind.name,
    ...(listKind.name === '' ? {} : { listKind: listKind.name }),
    ...(wanted.categories === undefined ? {} : { categories: wanted.categories }),
  };
  return { names, conflict: [plural, singular, shortNames, kind, listKind].findLast(isRefused)?.conflict };
}

const isRefused = ({ conflict }: { readonly conflict: Conflict | undefined }): boolean => conflict !== undefined;

type Rule = { readonly used: ReadonlySet<string>; readonly reason: string };
type Choice = { readonly name: string; readonly conflict: Conflict | undefined };

function choose(name = '', former = '', { used, reason }: Rule): Choice {
  if (name === former || !used.has(name)) return { name, conflict: undefined };
  return { name: former, conflict: { reason, message: inUse(name) } };
}

const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;

function chooseShortNames(
  wanted: readonly string[],
  former: readonly string[],
  used: ReadonlySet<string>,
): { readonly names: readonly string[]; readonly conflict: Conflict | undefined } {
  const refused = wanted.filter((name) => !former.includes(name) && used.has(name)).map(inUse);
  if (refused.length === 0) return { names: wanted, conflict: undefined };
  const message = refused.length === 1 ? (refused[0] ?? '') : `[${refused.join(', ')}]`;
  return { names: former, conflict: { reason: 'ShortNamesConflict', message } };
}

type Conditions = readonly CustomResourceDefinitionCondition[];

function isServed(conditions: Conditions): boolean {
  return findCondition(conditions, 'Established')?.status === 'True';
}

function planConditions(before: Conditions, conflict: Conflict | undefined, nowMs: number): Conditions {
  const lastTransitionTime = formatTime(nowMs);
  const conditions = setCondition(before, {
    type: 'NamesAccepted',
    status: conflict === undefined ? 'True' : 'False',
    lastTransitionTime,
    ...(conflict ?? { reason: 'NoConflicts', message: 'no conflicts found' }),
  });
  // What was served once goes on being served under the names it has.
  if (isServed(before)) return conditions;
  return setCondition(conditions, {
    type: 'Established',
    lastTransitionTime,
    ...(conflict === undefined
      ? { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
      : { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }),
  });
}
