/** Which rights one set of rules has that another lacks: nobody may grant what they do not hold. Pure. */
import { coversUrl, type Rule } from './rules.ts';

/** The smallest parts of `wanted` that no rule of `held` covers. */
export function missingRights(held: readonly Rule[], wanted: readonly Rule[]): readonly Rule[] {
  return wanted.flatMap(partsOf).filter((part) => !held.some((rule) => coversPart(rule, part)));
}

/** One verb on one resource, under one name if there are names; or one verb on one path. */
function partsOf({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: Rule): Rule[] {
  const named = resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }));
  const objects = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        named.map((names) => ({ apiGroups: [group], resources: [resource], ...names, verbs: [verb] })),
      ),
    ),
  );
  const paths = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })));
  return [...objects, ...paths];
}

function coversPart(held: Rule, part: Rule): boolean {
  return (
    includesAll(held.verbs, part.verbs) &&
    includesAll(held.apiGroups, part.apiGroups) &&
    (part.resources ?? []).every((resource) => holdsResource(held.resources ?? [], resource)) &&
    (part.nonResourceURLs ?? []).every((path) => (held.nonResourceURLs ?? []).some((url) => coversUrl(url, path))) &&
    holdsNames(held.resourceNames ?? [], part.resourceNames ?? [])
  );
}

function includesAll(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return held.includes('*') || wanted.every((each) => held.includes(each));
}

function holdsResource(held: readonly string[], wanted: string): boolean {
  if (held.includes('*') || held.includes(wanted)) return true;
  const slash = wanted.indexOf('/');
  return slash !== -1 && held.includes(`*${wanted.slice(slash)}`);
}

function holdsNames(held: readonly string[], wanted: readonly string[]): boolean {
  if (held.length === 0) return true;
  return wanted.length > 0 && wanted.every((name) => held.includes(name));
}

/** Joins the verbs of rules that are about the same single resource, in the order they first came. */
export function compactRules(rules: readonly Rule[]): readonly Rule[] {
  const joined = new Map<string, Rule>();
  for (const rule of rules) {
    const { verbs, ...about } = rule;
    const key = isSimple(rule) ? JSON.stringify(about) : JSON.stringify(rule);
    const earlier = joined.get(key);
    joined.set(key, earlier === undefined ? rule : { ...earlier, verbs: [...new Set([...earlier.verbs, ...verbs])] });
  }
  return [...joined.values()];
}

function isSimple({ apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: Rule): boolean {
  return apiGroups.length === 1 && resources.length === 1 && resourceNames.length <= 1 && nonResourceURLs.length === 0;
}

/** The rule in the words of upstream's refusals. */
export function describeRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: Rule): string {
  const fields: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ];
  const parts = fields.flatMap(([name, values = []]) => (values.length === 0 ? [] : [`${name}:${quotedList(values)}`]));
  return `{${parts.join(', ')}}`;
}

/** As Go prints a list of texts in quotes. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}
