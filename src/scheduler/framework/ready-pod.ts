/** A profile's plugins made ready for one pod, told apart by what their answers depend on. */
import type { Pod } from '#api/core/pod';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Plugin, PodFilter, PodScore, Profile } from './plugin.ts';

export type ReadyFilter = { readonly plugin: string; readonly filter: PodFilter };
type OwnScore = Extract<PodScore, { kind: 'own' }>;
type ScaledScore = Extract<PodScore, { kind: 'scaled' }>;
type DomainScore = Extract<PodScore, { kind: 'domains' }>;
export type Weighing<S> = { readonly score: S; readonly weight: number };

export type ReadyPod = ReadyFilters & {
  readonly pod: Pod;
  readonly ownScores: readonly Weighing<OwnScore>[];
  readonly scaledScores: readonly Weighing<ScaledScore>[];
  readonly domainScores: readonly Weighing<DomainScore>[];
  /** The only nodes that can do, and the plugins that say so. */
  readonly only?: { readonly nodes: readonly string[]; readonly plugins: readonly string[] };
};

export type ReadyFilters = {
  /** In the order of the profile. */
  readonly filters: readonly ReadyFilter[];
  /** One of them refused the pod as such. */
  readonly because?: { readonly plugin: string; readonly text: string; readonly resolvable: boolean };
};

export function readyPod(state: ClusterState, profile: Profile, pod: Pod): ReadyPod {
  const { filters, because } = readyFilters(state, profile.filters, pod);
  if (because !== undefined) return { pod, filters, ownScores: [], scaledScores: [], domainScores: [], because };
  const { ownScores, scaledScores, domainScores } = readyScores(state, profile, pod);
  const ready = { pod, filters, ownScores, scaledScores, domainScores };
  return filters.some(({ filter }) => filter.only !== undefined) ? { ...ready, only: onlyOn(filters) } : ready;
}

export function readyFilters(state: ClusterState, plugins: readonly Plugin[], pod: Pod): ReadyFilters {
  const filters: ReadyFilter[] = [];
  for (const { name, filter: prepare } of plugins) {
    const filter = prepare?.(pod, state);
    if (filter === undefined) continue;
    if ('because' in filter)
      return { filters, because: { plugin: name, text: filter.because, resolvable: filter.resolvable } };
    filters.push({ plugin: name, filter });
  }
  return { filters };
}

/** Filters for the one pod, of which nothing is kept, and where the profile has the plugin of a filter. */
export type ForOnePod = { readonly also: readonly ReadyFilter[]; readonly rankOf: (plugin: string) => number };

/** All in the order of the profile: the first that refuses a node tells why. */
export function filtersInOrder(filters: readonly ReadyFilter[], { also, rankOf }: ForOnePod): readonly ReadyFilter[] {
  if (also.length === 0) return filters;
  return [...filters, ...also].toSorted((left, right) => rankOf(left.plugin) - rankOf(right.plugin));
}

export const looksFar = ({ filter }: ReadyFilter): boolean => filter.domains !== undefined;

function onlyOn(filters: readonly ReadyFilter[]): NonNullable<ReadyPod['only']> {
  const limiting = filters.filter(({ filter }) => filter.only !== undefined);
  const nodes = limiting
    .map(({ filter }): ReadonlySet<string> => new Set(filter.only))
    .reduce((common, names) => common.intersection(names));
  return { nodes: [...nodes], plugins: limiting.map(({ plugin }) => plugin) };
}

function readyScores(
  state: ClusterState,
  profile: Profile,
  pod: Pod,
): Pick<ReadyPod, 'ownScores' | 'scaledScores' | 'domainScores'> {
  const ownScores: Weighing<OwnScore>[] = [];
  const scaledScores: Weighing<ScaledScore>[] = [];
  const domainScores: Weighing<DomainScore>[] = [];
  for (const { plugin, weight } of profile.scores) {
    const score = plugin.score?.(pod, state);
    if (score?.kind === 'own') ownScores.push({ score, weight });
    if (score?.kind === 'scaled') scaledScores.push({ score, weight });
    if (score?.kind === 'domains') domainScores.push({ score, weight });
  }
  return { ownScores, scaledScores, domainScores };
}

/** Lets go of what the pod's plugins had kept up to date for it. */
export function releasePod({ filters, domainScores }: ReadyPod): void {
  for (const { filter } of filters) filter.domains?.release();
  for (const { score } of domainScores) score.domains.release();
}
