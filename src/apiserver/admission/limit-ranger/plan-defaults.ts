/** Decides what containers ask for and are limited to when they say nothing and their namespace does. Pure. */
import type { Container, LimitRange, PodSpec } from '#api/types/core-v1';

const ANNOTATION = 'kubernetes.io/limit-ranger';

type Amounts = Readonly<Record<string, string>>;
type Defaults = { readonly requests: Amounts; readonly limits: Amounts };

/** A spec with the defaults of a range, and the annotation that tells which. */
export type LimitDefaults = { readonly spec: PodSpec; readonly annotations: Amounts };

/** Nothing if the spec says everything. */
export function planLimitDefaults(spec: PodSpec, range: LimitRange): LimitDefaults | undefined {
  const defaults = defaultsOf(range);
  const main = spec.containers.map((container) => withDefaults(container, defaults, 'container'));
  const init = (spec.initContainers ?? []).map((container) => withDefaults(container, defaults, 'init container'));
  const told = [...main, ...init].flatMap(({ told: sentences }) => sentences);
  if (told.length === 0) return undefined;
  return {
    spec: {
      ...spec,
      containers: main.map(({ container }) => container),
      ...(init.length === 0 ? {} : { initContainers: init.map(({ container }) => container) }),
    },
    annotations: { [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}` },
  };
}

function defaultsOf({ spec }: LimitRange): Defaults {
  const items = spec.limits.filter(({ type }) => type === 'Container');
  return {
    requests: merged(items.map(({ defaultRequest }) => defaultRequest)),
    limits: merged(items.map((item) => item.default)),
  };
}

const merged = (lists: readonly (Amounts | undefined)[]): Amounts =>
  Object.fromEntries(lists.flatMap((list) => Object.entries(list ?? {})));

type Filled = { readonly container: Container; readonly told: readonly string[] };

function withDefaults(container: Container, { requests, limits }: Defaults, sort: string): Filled {
  const { resources = {}, name } = container;
  const asked = fill(resources.requests, requests);
  const limited = fill(resources.limits, limits);
  const told = [
    ...(asked.names.length === 0 ? [] : [`${asked.names.join(', ')} request for ${sort} ${name}`]),
    ...(limited.names.length === 0 ? [] : [`${limited.names.join(', ')} limit for ${sort} ${name}`]),
  ];
  if (told.length === 0) return { container, told };
  const filled = {
    ...resources,
    ...(limited.amounts && { limits: limited.amounts }),
    ...(asked.amounts && { requests: asked.amounts }),
  };
  return { container: { ...container, resources: filled }, told };
}

function fill(
  given: Amounts | undefined,
  defaults: Amounts,
): { readonly amounts: Amounts | undefined; readonly names: readonly string[] } {
  const names = Object.keys(defaults)
    .filter((name) => !Object.hasOwn(given ?? {}, name))
    .toSorted();
  if (names.length === 0) return { amounts: given, names };
  const added = Object.fromEntries(names.map((name) => [name, defaults[name]])) as Amounts;
  return { amounts: { ...given, ...added }, names };
}
