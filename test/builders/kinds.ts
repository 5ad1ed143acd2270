/** Objects as the server sees them while it decides about them, for tests of the rules of kinds. */
import { deepFreeze } from '#base/deep-freeze';
import { Pod } from '#api/core/pod';
import type { FieldError } from '#api/meta/field-error';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import type { Container, PodSpec } from '#api/types/core-v1';
import { aMeta } from './workloads.ts';

export const texts = (errors: Iterable<FieldError>): readonly string[] =>
  [...errors].map(({ field, message }) => `${field}: ${message}`);

export type Created<T> = {
  readonly object: T;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
};

/** What becomes of an object that a client sends to be created. */
export function create<T extends ApiObject>(definition: ResourceDefinition<T>, sent: T): Created<T> {
  const object = definition.prepareForCreate(definition.applyDefaults(deepFreeze(sent)));
  return { object, errors: texts(definition.validate(object)), warnings: definition.warnings(object) };
}

export type Change<T> = { readonly stored: T; readonly next: T };

/** The errors of an update, as the server looks for them: of the object itself and of the change. */
export function updateErrors<T extends ApiObject>(
  definition: ResourceDefinition<T>,
  { stored, next }: Change<T>,
): readonly string[] {
  const prepared = definition.prepareForUpdate(definition.applyDefaults(deepFreeze(next)), stored);
  return texts([...definition.validate(prepared), ...definition.validateUpdate(prepared, stored)]);
}

/** The metadata of an object that is not stored yet. */
export const newMeta = (name: string): ApiObject['metadata'] => aMeta(name, { resourceVersion: '' });

const CONTAINER: Container = { name: 'web', image: 'nginx:1.20' };

/** A pod to be created, of one container. */
export function newPod(spec: Partial<PodSpec> = {}, annotations: Readonly<Record<string, string>> = {}): Pod {
  const metadata = { ...newMeta('web'), annotations };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [CONTAINER], ...spec } };
}

/** A pod to be created, whose one container differs from the plain one. */
export const newPodWith = (container: Partial<Container>, spec: Partial<PodSpec> = {}): Pod =>
  newPod({ containers: [{ ...CONTAINER, ...container }], ...spec });

/** A pod as it is stored. */
export function storedPod(spec: Partial<PodSpec> = {}): Pod {
  const pod = Pod.prepareForCreate(Pod.applyDefaults(newPod(spec)));
  return deepFreeze({ ...pod, metadata: { ...pod.metadata, resourceVersion: '1' } });
}
