/** The objects whose selectors say which pods belong together when pods do not say themselves how to spread. */
import { hasLabels, type Labels, NOTHING, type Selector, sortedByKey } from '#api/meta/label-selector';
import type { Pod } from '#api/core/pod';
import type { LabelKeys } from './label-keys.ts';

export type SelectorSource = {
  readonly kind: 'Service' | 'ReplicationController' | 'ReplicaSet' | 'StatefulSet';
  readonly namespace: string;
  readonly name: string;
  readonly selector: Selector;
};

/** What tells which owner's selector counts. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  ReplicationController: 'v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
};

const NO_SERVICES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map();
const KEPT_AT_MOST = 10_000;

export class SelectorSources {
  readonly #services = new Map<string, Map<string, Readonly<Record<string, string>>>>();
  readonly #owners = new Map<string, Selector>();
  readonly #keys: LabelKeys;
  readonly #found = new Map<string, Selector>();

  constructor(keys: LabelKeys) {
    this.#keys = keys;
  }

  set(source: SelectorSource): void {
    const { kind, namespace, name, selector } = source;
    this.#keys.addSelector(selector);
    this.#found.clear();
    if (kind !== 'Service') {
      this.#owners.set(`${kind} ${namespace}/${name}`, selector);
      return;
    }
    const services = this.#services.get(namespace) ?? new Map<string, Readonly<Record<string, string>>>();
    this.#services.set(namespace, services.set(name, pairsOf(selector)));
  }

  delete({ kind, namespace, name }: Pick<SelectorSource, 'kind' | 'namespace' | 'name'>): void {
    this.#found.clear();
    this.#owners.delete(`${kind} ${namespace}/${name}`);
    if (kind === 'Service') this.#services.get(namespace)?.delete(name);
  }

  /** All that the pod's services and its owner select by; `NOTHING` when there is nothing. */
  of(pod: Pod): Selector {
    const { namespace = '', labels } = pod.metadata;
    const owner = ownerOf(pod);
    const own = this.#owners.get(owner);
    const services = this.#services.get(namespace);
    if (own === undefined && services === undefined) return NOTHING;
    const key = `${namespace} ${owner} ${this.#keys.textOf(labels, [])}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = merged(labels, services ?? NO_SERVICES, own);
    if (this.#found.size >= KEPT_AT_MOST) this.#found.clear();
    this.#found.set(key, found);
    return found;
  }
}

/** As the owners are kept; empty for pods that nothing owns which counts. */
function ownerOf({ metadata: { namespace, ownerReferences = [] } }: Pod): string {
  const owner = ownerReferences.find(({ controller }) => controller === true);
  if (owner === undefined || API_VERSIONS[owner.kind] !== owner.apiVersion) return '';
  return `${owner.kind} ${namespace}/${owner.name}`;
}

function merged(
  labels: Labels,
  services: ReadonlyMap<string, Readonly<Record<string, string>>>,
  own: Selector | undefined,
): Selector {
  let pairs: Readonly<Record<string, string>> = {};
  for (const service of services.values()) if (hasLabels(labels, service)) pairs = { ...pairs, ...service };
  const required = Object.entries(pairs).map(([key, value]) => ({ key, operator: '=' as const, values: [value] }));
  const requirements = sortedByKey([...required, ...(own?.requirements ?? [])]);
  return requirements.length === 0 ? NOTHING : { requirements };
}

const pairsOf = ({ requirements }: Selector): Readonly<Record<string, string>> =>
  Object.fromEntries(requirements.map(({ key, values: [value = ''] }) => [key, value]));
