/** Applies the patches that clients send. */
import { ApiError, badRequestError } from '#api/errors';
import { applyJsonPatch } from '#api/meta/json-patch';
import { isJsonObject } from '#api/meta/json-value';
import { applyMergePatch } from '#api/meta/merge-patch';
import { PatchError } from '#api/meta/patch-error';
import type { ApiObject } from '#api/object';
import { jsonKindOf } from '#api/schema/go-types';
import { schemaFor } from '#api/schema/schema';
import { applyStrategicMergePatch } from '#api/schema/strategic-merge';
import type { ApplyPatch } from './context.ts';
import type { TypeName } from './resources.ts';

// Upstream says no more of operations that do not fit the object.
const REJECTED = 'the server rejected our request due to an error in our request';

const notAnObject = (document: unknown): string =>
  `json: cannot unmarshal ${jsonKindOf(document)} into Go value of type map[string]interface {}`;

export const applyPatchDocument: ApplyPatch = ({ patchType, document }, object, type) => {
  try {
    switch (patchType) {
      case 'application/json-patch+json':
        return applyJsonPatch(object, document);
      case 'application/merge-patch+json':
        if (!isJsonObject(document)) throw badRequestError(`error decoding patch: ${notAnObject(document)}`);
        return applyMergePatch(object, document);
      case 'application/strategic-merge-patch+json':
        return applyStrategic(document, object, type);
      case 'application/apply-patch+yaml':
        throw badRequestError('server-side apply is not available');
    }
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new ApiError(error.reason, error.reason === 'Invalid' ? REJECTED : error.message, { cause: error });
  }
};

function applyStrategic(document: unknown, object: ApiObject, type: TypeName): unknown {
  const schema = schemaFor(type);
  if (!isJsonObject(document)) throw badRequestError(notAnObject(document));
  if (schema === undefined)
    throw badRequestError(`cannot apply a strategic merge patch to ${type.kind}: it has no schema`);
  return applyStrategicMergePatch(schema, object, document);
}
