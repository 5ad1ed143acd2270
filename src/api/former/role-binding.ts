/** Bindings of roles in their first version: subjects were told apart by version, not by group. */
import type * as former from '../types/rbac-v1alpha1.ts';
import type * as rbac from '../types/rbac-v1.ts';
import { translation } from './former-version.ts';

const GROUP = 'rbac.authorization.k8s.io';

type Binding<Subject> = Omit<rbac.RoleBinding, 'subjects'> & { readonly subjects?: readonly Subject[] };

export const FIRST_BINDING = translation<Binding<former.Subject>, Binding<rbac.Subject>>({
  toStored: (binding) => withSubjects(binding, subjectToStored),
  fromStored: (binding) => withSubjects(binding, subjectFromStored),
});

/** These versions did not insist on the group of the role. */
export const FORMER_BINDING = translation<rbac.RoleBinding, rbac.RoleBinding>({
  toStored: (binding) => withSubjects(binding, withGroup),
  fromStored: (binding) => binding,
});

function withSubjects<From, To>({ subjects, roleRef, ...binding }: Binding<From>, convert: (subject: From) => To) {
  const role = { ...roleRef, apiGroup: roleRef.apiGroup || GROUP };
  return { ...binding, ...(subjects && { subjects: subjects.map(convert) }), roleRef: role };
}

const withGroup = (subject: rbac.Subject): rbac.Subject =>
  subject.apiGroup || subject.kind === 'ServiceAccount' ? subject : { ...subject, apiGroup: GROUP };

function subjectToStored({ apiVersion: _version, ...subject }: former.Subject): rbac.Subject {
  // A star once was everybody.
  if (subject.kind === 'User' && subject.name === '*')
    return withGroup({ ...subject, kind: 'Group', name: 'system:authenticated' });
  return withGroup(subject);
}

function subjectFromStored({ apiGroup, ...subject }: rbac.Subject): former.Subject {
  return { ...subject, apiVersion: apiGroup ? `${apiGroup}/v1alpha1` : 'v1' };
}
