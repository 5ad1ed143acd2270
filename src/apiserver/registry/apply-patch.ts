/** Applies the patches that clients send. */
import { ApiError, badRequestError } from '#api/errors';
import { applyJsonPatch } from '#api/meta/json-patch';
import { isJsonObject } from '#api/meta/json-value';
import { applyMergePatch } from '#api/meta/merge-patch';
import { PatchError } from '#api/meta/patch-error';
import type { ApiObject } from '#api/object';
import { schemaFor } from '#api/schema/schema';
import { applyStrategicMergePatch } from '#api/schema/strategic-merge';
import type { ApplyPatch } from './context.ts';
import type { TypeName } from './resources.ts';

export const applyPatchDocument: ApplyPatch = ({ patchType, document }, object, type) => {
  try {
    switch (patchType) {
      case 'application/json-patch+json':
        return applyJsonPatch(object, document);
      case 'application/merge-patch+json':
        return applyMergePatch(object, document);
      case 'application/strategic-merge-patch+json':
        return applyStrategic(document, object, type);
      case 'application/apply-patch+yaml':
        throw badRequestError('server-side apply is not available');
    }
  } catch (error) {
    if (error instanceof PatchError) throw new ApiError(error.reason, error.message, { cause: error });
    throw error;
  }
};

function applyStrategic(document: unknown, object: ApiObject, type: TypeName): unknown {
  const schema = schemaFor(type);
  if (schema === undefined || !isJsonObject(document)) {
    throw badRequestError(
      `cannot apply a strategic merge patch to ${type.kind}: the patch is not an object of a built-in kind`,
    );
  }
  return applyStrategicMergePatch(schema, object, document);
}
