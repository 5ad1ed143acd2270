/** A short way to write rules down: words separated by spaces, `core` for the group without a name. */
import type { Rule } from '../rules.ts';

export const READ = 'get list watch';
export const WRITE = 'create delete deletecollection patch update';
export const READ_WRITE = `${READ} ${WRITE}`;

const words = (text: string): readonly string[] => text.split(' ');

export function rule(verbs: string, resources: string, groups = 'core'): Rule {
  const apiGroups = words(groups).map((group) => (group === 'core' ? '' : group));
  return { verbs: words(verbs), apiGroups, resources: words(resources) };
}

export const named = (names: string, about: Rule): Rule => ({ ...about, resourceNames: words(names) });

export const paths = (urls: string): Rule => ({ verbs: ['get'], nonResourceURLs: words(urls) });

export const EVENTS = rule('create patch update', 'events', 'core events.k8s.io');

/** Asking who a token is and what they may do. */
export const DELEGATION: readonly Rule[] = [
  rule('create', 'tokenreviews', 'authentication.k8s.io'),
  rule('create', 'subjectaccessreviews', 'authorization.k8s.io'),
];

/** Holding the lease of this name. */
export const leadership = (name: string): readonly Rule[] => [
  rule('create', 'leases', 'coordination.k8s.io'),
  named(name, rule('get update', 'leases', 'coordination.k8s.io')),
];
