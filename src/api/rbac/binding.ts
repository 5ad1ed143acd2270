/** What bindings of both scopes share: defaults, checks and columns. */
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, notSupported, required } from '../meta/field-error.ts';
import { checkDnsSubdomain, checkPathSegment } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateName } from '../meta/validate-labels.ts';
import type { Column } from '../resource.ts';
import type * as rbac from '../types/rbac-v1.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

type Binding = rbac.RoleBinding | rbac.ClusterRoleBinding;

export type BindingRules = {
  readonly roleKinds: readonly string[];
  /** Whether a service account without a namespace is one of the binding's own. */
  readonly namespaced: boolean;
};

/** Users, groups and roles are of this API group unless a client says otherwise. */
export function withGroups<T extends Binding>(binding: T): T {
  const { roleRef, subjects } = binding;
  const role = roleRef.apiGroup ? roleRef : { ...roleRef, apiGroup: RBAC_GROUP };
  const named = subjects?.map((subject) => (needsGroup(subject) ? { ...subject, apiGroup: RBAC_GROUP } : subject));
  if (role === roleRef && (subjects === undefined || subjects.every((each, index) => each === named?.[index]))) {
    return binding;
  }
  return { ...binding, roleRef: role, ...(named === undefined ? {} : { subjects: named }) };
}

const needsGroup = ({ apiGroup, kind }: rbac.Subject): boolean => !apiGroup && (kind === 'User' || kind === 'Group');

export function* validateBinding({ roleRef, subjects }: Binding, rules: BindingRules): Generator<FieldError> {
  const { apiGroup = '', kind, name } = roleRef;
  if (apiGroup !== RBAC_GROUP) yield notSupported('roleRef.apiGroup', apiGroup, [RBAC_GROUP]);
  if (!rules.roleKinds.includes(kind)) yield notSupported('roleRef.kind', kind, rules.roleKinds);
  if (name === '') yield required('roleRef.name');
  else yield* validateName(name, checkPathSegment, 'roleRef.name');
  for (const [index, subject] of (subjects ?? []).entries()) {
    yield* validateSubject(subject, rules, `subjects[${index}]`);
  }
}

export function* validateBindingUpdate(next: Binding, stored: Binding): Generator<FieldError> {
  if (!semanticEqual(next.roleRef, stored.roleRef)) yield invalid('roleRef', next.roleRef, 'cannot change roleRef');
}

function* validateSubject(subject: rbac.Subject, rules: BindingRules, field: string): Generator<FieldError> {
  const { kind, name } = subject;
  if (name === '') yield required(`${field}.name`);
  if (kind === 'ServiceAccount') yield* validateAccount(subject, rules, field);
  else if (kind === 'User' || kind === 'Group') yield* validateNamed(subject, field);
  else yield notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']);
}

function* validateAccount(subject: rbac.Subject, { namespaced }: BindingRules, field: string): Generator<FieldError> {
  const { name, apiGroup = '', namespace } = subject;
  if (name !== '') yield* validateName(name, checkDnsSubdomain, `${field}.name`);
  if (apiGroup !== '') yield notSupported(`${field}.apiGroup`, apiGroup, ['']);
  if (!namespaced && !namespace) yield required(`${field}.namespace`);
}

function* validateNamed({ kind, name, apiGroup = '' }: rbac.Subject, field: string): Generator<FieldError> {
  if (name === '') yield invalid(`${field}.name`, name, `${kind.toLowerCase()} name cannot be empty`);
  if (apiGroup !== RBAC_GROUP) yield notSupported(`${field}.apiGroup`, apiGroup, [RBAC_GROUP]);
}

export const BINDING_COLUMNS: readonly Column<Binding>[] = [
  NAME_COLUMN,
  column('Role', 'The role that is granted.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  AGE_COLUMN,
  wideColumn('Users', 'The users it is granted to.', (binding) => namesOf(binding, 'User')),
  wideColumn('Groups', 'The groups it is granted to.', (binding) => namesOf(binding, 'Group')),
  wideColumn('ServiceAccounts', 'The service accounts it is granted to.', (binding) =>
    namesOf(binding, 'ServiceAccount'),
  ),
];

function namesOf({ subjects = [] }: Binding, kind: string): string {
  return subjects
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ');
}
