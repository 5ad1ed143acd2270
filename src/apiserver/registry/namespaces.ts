/** What the registry knows about namespaces: objects are made only in living ones, and deleting one only marks it. */
import { ApiError, notFoundError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import type { Transaction } from '#store/store';
import { namespaceKey } from './keys.ts';

export function isNamespaceKind({ group, plural }: Pick<ResourceDefinition, 'group' | 'plural'>): boolean {
  return group === '' && plural === 'namespaces';
}

/** Throws unless the namespace exists and is not on its way out. */
export function requireLiving(tx: Pick<Transaction, 'get'>, definition: ResourceDefinition, object: ApiObject): void {
  const { namespace, name } = object.metadata;
  if (!definition.namespaced || namespace === undefined) return;
  const found = tx.get(namespaceKey(namespace));
  if (found === undefined) throw notFoundError({ group: '', plural: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp !== undefined) throw terminating(definition, namespace, name);
}

function terminating({ group, plural }: ResourceDefinition, namespace: string, name: string): ApiError {
  const qualified = group === '' ? plural : `${plural}.${group}`;
  const message = `${qualified} ${JSON.stringify(name)} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`;
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new ApiError('Forbidden', message, {
    details: { name, ...(group === '' ? {} : { group }), kind: plural, causes: [cause] },
  });
}

/** Finalizers that keep a namespace beside those in its metadata. */
export function namespaceFinalizers(definition: ResourceDefinition, object: ApiObject): readonly string[] {
  return isNamespaceKind(definition) ? ((object as core.Namespace).spec?.finalizers ?? []) : [];
}

/** A namespace that was deleted says so in its phase until it is empty. */
export function withTerminatingPhase(definition: ResourceDefinition, object: ApiObject): ApiObject {
  if (!isNamespaceKind(definition)) return object;
  const namespace = object as core.Namespace;
  const terminating: core.Namespace = { ...namespace, status: { ...namespace.status, phase: 'Terminating' } };
  return terminating;
}
