/** Turns the errors that a kind's rules find into the one error a client gets. */
import { invalidError } from '#api/errors';
import type { FieldError } from '#api/meta/field-error';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';

export function requireValid(definition: ResourceDefinition, object: ApiObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError(definition, object.metadata.name, errors);
}
