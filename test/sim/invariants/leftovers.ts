/** What nothing may leave behind: objects of namespaces and of owners that are gone. */
import type { ApiObject } from '#api/object';
import type { Store } from '#store/store';

export function findLeftovers(store: Store): readonly string[] {
  const objects = store.list('/').items as readonly ApiObject[];
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  const namespaces = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  return objects.flatMap(({ kind, metadata: { name, namespace, ownerReferences = [] } }) => {
    if (kind === 'Event') return []; // cleared away by age
    const told = `${kind} ${namespace ?? ''}/${name}`;
    if (namespace !== undefined && !namespaces.has(namespace)) return [`${told} is in a namespace that is gone`];
    const isOrphan = ownerReferences.length > 0 && ownerReferences.every(({ uid }) => !uids.has(uid));
    return isOrphan ? [`${told} is owned by nobody that is left`] : [];
  });
}
