/** The roles and bindings of the store, always the newest durable ones, read again only after one of them has changed. */
import type * as rbac from '#api/types/rbac-v1';
import type { Store, StoreWatch } from '#store/store';
import { RoleSnapshot } from './role-snapshot.ts';

const GROUP_PREFIX = '/rbac.authorization.k8s.io/';

export type RoleSource = () => RoleSnapshot;

export function storedRoles(store: Store): RoleSource {
  let current: Reading | undefined;
  return () => {
    // Nobody takes events from the watch: that there is one waiting is all we want to know of it.
    if (current === undefined || current.changes.progress() < store.revision) {
      current?.ending.abort();
      current = read(store);
    }
    return current.snapshot;
  };
}

type Reading = { readonly snapshot: RoleSnapshot; readonly changes: StoreWatch; readonly ending: AbortController };

function read(store: Store): Reading {
  const ending = new AbortController();
  const changes = store.watch(GROUP_PREFIX, { since: store.revision, signal: ending.signal });
  const all = <T>(plural: string): readonly T[] =>
    store.list(`${GROUP_PREFIX}${plural}/`).items as readonly unknown[] as T[];
  const snapshot = new RoleSnapshot({
    roles: all<rbac.Role>('roles'),
    roleBindings: all<rbac.RoleBinding>('rolebindings'),
    clusterRoles: all<rbac.ClusterRole>('clusterroles'),
    clusterRoleBindings: all<rbac.ClusterRoleBinding>('clusterrolebindings'),
  });
  return { snapshot, changes, ending };
}
