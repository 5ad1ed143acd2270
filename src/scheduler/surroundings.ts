/** Follows what is neither node nor pod but matters to placing: labels of namespaces, and the selectors of services and owners of pods. */
import { ReplicaSet } from '#api/apps/replica-set';
import { StatefulSet } from '#api/apps/stateful-set';
import { Namespace } from '#api/core/namespace';
import { ReplicationController } from '#api/core/replication-controller';
import { Service } from '#api/core/service';
import { type Labels, type Selector, selectorFrom } from '#api/meta/label-selector';
import type { ApiObject } from '#api/object';
import type { Change, Informer, Informers } from '#client/informer';
import type { ClusterEvent } from './framework/cluster-event.ts';
import type { ClusterState } from './snapshot/cluster-state.ts';
import type { SelectorSource } from './snapshot/selector-sources.ts';

/** Resolves when the state has all that is known; `wake` hears of what comes later. */
export async function followSurroundings(
  informers: Informers,
  state: ClusterState,
  wake: (event: ClusterEvent) => void,
): Promise<Disposable> {
  const [namespaces, services] = [informers.for(Namespace), informers.for(Service)];
  const [controllers, sets] = [informers.for(ReplicationController), informers.for(ReplicaSet)];
  const statefulSets = informers.for(StatefulSet);
  await Promise.all([namespaces, services, controllers, sets, statefulSets].map(({ synced }) => synced));
  const following = new DisposableStack();
  following.use(namespaces.subscribe((change) => onNamespace(change, state, wake)));
  const follow = <T extends Selecting>(informer: Informer<T>, source: Source<T>): void => {
    following.use(informer.subscribe((change) => onSource(change, source, state)));
  };
  follow(services, { kind: 'Service', selectorOf: ({ spec }) => byLabels(spec.selector) });
  follow(controllers, { kind: 'ReplicationController', selectorOf: ({ spec }) => byLabels(spec.selector) });
  follow(sets, { kind: 'ReplicaSet', selectorOf: ({ spec }) => selectorFrom(spec.selector) });
  follow(statefulSets, { kind: 'StatefulSet', selectorOf: ({ spec }) => selectorFrom(spec.selector) });
  return following;
}

type Selecting = ApiObject & { readonly spec: { readonly selector?: unknown } };

type Source<T> = {
  readonly kind: SelectorSource['kind'];
  /** Undefined when it selects by nothing. */
  readonly selectorOf: (object: T) => Selector | undefined;
};

const byLabels = (matchLabels: Labels): Selector | undefined =>
  matchLabels === undefined ? undefined : selectorFrom({ matchLabels });

function onNamespace(
  { before, after }: Change<Namespace>,
  state: ClusterState,
  wake: (event: ClusterEvent) => void,
): void {
  const name = (after ?? before)?.metadata.name ?? '';
  if (after === undefined) return state.removeNamespace(name);
  const [former, labels] = [before?.metadata.labels ?? {}, after.metadata.labels ?? {}];
  if (before !== undefined && JSON.stringify(former) === JSON.stringify(labels)) return;
  state.setNamespace(name, labels);
  wake({ kind: 'NamespaceChanged', name, before: former, labels });
}

/** Counts in the status of a workload change all the time, its selector hardly ever. */
function onSource<T extends Selecting>({ before, after }: Change<T>, source: Source<T>, state: ClusterState): void {
  const object = after ?? before;
  if (object === undefined) return;
  const { namespace = '', name } = object.metadata;
  const { kind, selectorOf } = source;
  const selector = after === undefined ? undefined : selectorOf(after);
  if (selector === undefined) return state.sources.delete({ kind, namespace, name });
  if (before !== undefined && JSON.stringify(before.spec.selector) === JSON.stringify(after?.spec.selector)) return;
  state.sources.set({ kind, namespace, name, selector });
}
