/** Puts a finalizer on an object and takes it off again. */
import type { ApiObject } from '#api/object';

export const hasFinalizer = ({ metadata }: ApiObject, name: string): boolean =>
  metadata.finalizers?.includes(name) === true;

export function withFinalizer<T extends ApiObject>(object: T, name: string): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), name] } };
}

export function withoutFinalizer<T extends ApiObject>(object: T, name: string): T {
  const { metadata } = object;
  return {
    ...object,
    metadata: { ...metadata, finalizers: metadata.finalizers?.filter((each) => each !== name) ?? [] },
  };
}
