/** Checks what clients send against the schema of the built-in kinds. */
import { badRequestError } from '#api/errors';
import type { ApiObject } from '#api/object';
import { DecodeError } from '#api/schema/decode-error';
import { decodeObject } from '#api/schema/decode';
import { schemaFor } from '#api/schema/schema';
import type { Decode } from './context.ts';

export const decodeBuiltIn: Decode = (
  { value, duplicateFields = [], findings = [] },
  type,
  fieldValidation = 'Warn',
) => {
  const schema = schemaFor(type);
  if (schema === undefined) {
    const version = type.group === '' ? type.version : `${type.group}/${type.version}`;
    throw badRequestError(`no kind ${JSON.stringify(type.kind)} is registered for version ${JSON.stringify(version)}`);
  }
  return asBadRequest(() => {
    const { object, warnings } = decodeObject(schema, value, { fieldValidation, duplicateFields, findings });
    return { object: object as ApiObject, warnings };
  });
};

/** Runs a reading of what a client sent; what is wrong with it is the client's fault. */
export function asBadRequest<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw badRequestError(error.message);
    throw error;
  }
}
