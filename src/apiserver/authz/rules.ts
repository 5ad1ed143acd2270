/** Whether one rule of a role covers a request. Pure. */
import type * as rbac from '#api/types/rbac-v1';
import type { ResourceAttributes } from './authorizer.ts';

export type Rule = rbac.PolicyRule;

const ALL = '*';

const has = (list: readonly string[] | undefined, value: string): boolean => list?.includes(value) === true;

const hasOrAll = (list: readonly string[] | undefined, value: string): boolean => has(list, ALL) || has(list, value);

/** Whether the rule is about such objects, whatever their names. */
export function coversResource(
  { verbs, apiGroups, resources }: Rule,
  { verb, group, plural, subresource }: Pick<ResourceAttributes, 'verb' | 'group' | 'plural' | 'subresource'>,
): boolean {
  if (!hasOrAll(verbs, verb) || !hasOrAll(apiGroups, group)) return false;
  if (subresource === undefined) return hasOrAll(resources, plural);
  return hasOrAll(resources, `${plural}/${subresource}`) || has(resources, `*/${subresource}`);
}

/** A rule without names is about all of them. */
export function coversName({ resourceNames = [] }: Rule, name: string | undefined): boolean {
  return resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name));
}

export function coversPath({ verbs, nonResourceURLs = [] }: Rule, verb: string, path: string): boolean {
  return hasOrAll(verbs, verb) && nonResourceURLs.some((url) => coversUrl(url, path));
}

/** A trailing star stands for any rest. */
export function coversUrl(url: string, path: string): boolean {
  return url === ALL || url === path || (url.endsWith(ALL) && path.startsWith(url.replace(/\*+$/, '')));
}
