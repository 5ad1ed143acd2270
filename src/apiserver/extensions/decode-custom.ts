/** Checks what clients send of a custom kind: metadata as everywhere, the rest against the schema of its version. */
import { badRequestError } from '#api/errors';
import { shapeObject } from '#api/extensions/schema/shape';
import { isJsonObject, type JsonObject } from '#api/meta/json-value';
import type { ApiObject } from '#api/object';
import { decodeObject } from '#api/schema/decode';
import { messageSchema } from '#api/schema/schema';
import type { Decode } from '../registry/context.ts';
import { asBadRequest, decodeBuiltIn } from '../registry/decode.ts';
import type { CustomKind } from './custom-kind.ts';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** What is sent to subresources may be of a built-in kind. */
export function decodeCustom({ definition, schema }: CustomKind): Decode {
  const { apiVersion, kind, version } = definition;
  return (sent, type, fieldValidation = 'Warn') => {
    if (type.group !== definition.group || type.kind !== kind) return decodeBuiltIn(sent, type, fieldValidation);
    const { value, duplicateFields = [], findings = [] } = sent;
    if (!isJsonObject(value)) throw badRequestError(`the object provided is unrecognized (must be of type ${kind})`);
    const { metadata, warnings } = decodeMetadata(value['metadata']);
    const shaped = shapeObject(schema, { ...value, apiVersion, kind, metadata });
    const complaints = [
      ...findings,
      ...duplicateFields.map((path) => `duplicate field "${path}"`),
      ...warnings,
      ...shaped.unknown.map((path) => `unknown field "${path}"`),
    ];
    if (fieldValidation === 'Strict' && complaints.length > 0) {
      const why = `strict decoding error: ${complaints.join(', ')}`;
      throw badRequestError(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`);
    }
    const object = shaped.value as unknown as ApiObject;
    return { object, warnings: fieldValidation === 'Ignore' ? [] : complaints };
  };
}

type Metadata = { readonly metadata: JsonObject; readonly warnings: readonly string[] };

function decodeMetadata(sent: unknown): Metadata {
  const { object, warnings } = asBadRequest(() =>
    decodeObject(messageSchema(META), sent ?? {}, { fieldValidation: 'Warn' }),
  );
  return {
    metadata: object,
    warnings: warnings.map((text) => text.replace('unknown field "', 'unknown field "metadata.')),
  };
}
