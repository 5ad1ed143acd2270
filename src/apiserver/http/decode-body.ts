/** Turns the bytes of a body into the object it stands for, checked against the kind that the URL asks for. */
import { load, YAMLException } from 'js-yaml';
import { ApiError, badRequestError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { PatchType, RequestOptions } from '#api/request';
import { DecodeError } from '#api/schema/decode-error';
import { parseJson } from '#api/schema/json-text';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import type { Decode, Decoded, Sent } from '../registry/context.ts';
import { asBadRequest } from '../registry/decode.ts';
import type { TypeName } from '../registry/resources.ts';
import { CONTENT_TYPES, parseMediaType } from './media-type.ts';
import { YAML_BODY_SCHEMA } from './yaml-schema.ts';

const PROTOBUF = CONTENT_TYPES.protobuf;
const BODY_TYPES = Object.values(CONTENT_TYPES);

export type Body = { readonly bytes: Buffer; readonly contentType: string | undefined };

type Expected = {
  readonly type: TypeName;
  readonly decode: Decode;
  readonly fieldValidation: RequestOptions['fieldValidation'];
  /** Only built-in kinds have a protobuf form. */
  readonly forms?: 'text';
};

/** A body that must be an object of a given kind. */
export function decodeObjectBody(body: Body, { type, decode, fieldValidation, forms }: Expected): Decoded {
  if (forms === 'text' && mediaTypeOf(body.contentType, '') === PROTOBUF) {
    throw unsupported(BODY_TYPES.filter((each) => each !== PROTOBUF));
  }
  const sent = parseBody(body, type);
  const { value } = sent;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unrecognized(type, body.bytes);
  requireKind(value, type);
  return decode(sent, type, fieldValidation);
}

/** Reads JSON, YAML or protobuf. */
function parseBody({ bytes, contentType }: Body, type: TypeName): Sent {
  switch (mediaTypeOf(contentType, CONTENT_TYPES.json)) {
    case CONTENT_TYPES.json:
      return parseText(bytes, type);
    case CONTENT_TYPES.yaml:
      return { value: parseYaml(bytes.toString()) };
    case PROTOBUF:
      return { value: asBadRequest(() => decodeProtobuf(bytes)).object };
    default:
      throw unsupported(BODY_TYPES);
  }
}

const PATCH_TYPES: readonly PatchType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** A patch document and what kind of patch it is. */
export function decodePatchBody({ bytes, contentType }: Body): {
  readonly patchType: PatchType;
  readonly body: unknown;
} {
  const given = mediaTypeOf(contentType, '');
  const patchType = PATCH_TYPES.find((type) => type === given);
  if (patchType === undefined) throw unsupported(PATCH_TYPES);
  if (patchType === 'application/apply-patch+yaml') return { patchType, body: parseYaml(bytes.toString()) };
  return { patchType, body: asBadRequest(() => parseJson(bytes.toString())).value };
}

function mediaTypeOf(contentType: string | undefined, fallback: string): string {
  return contentType === undefined || contentType === '' ? fallback : parseMediaType(contentType).type;
}

function unsupported(accepted: readonly string[]): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

function parseText(bytes: Buffer, type: TypeName): Sent {
  try {
    return parseJson(bytes.toString());
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw unrecognized(type, bytes, `couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** Aliases are refused: a few of them expand to gigabytes. */
function parseYaml(text: string): unknown {
  try {
    return load(text, { schema: YAML_BODY_SCHEMA, maxAliases: 0 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw badRequestError(`error converting YAML to JSON: yaml: ${error.message}`);
  }
}

const SUMMARY_BYTES = 30;

function unrecognized({ kind }: TypeName, bytes: Buffer, why?: string): ApiError {
  const shown = bytes.subarray(0, SUMMARY_BYTES).toString('hex');
  const summary = bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
  const detail = why === undefined ? '' : `: ${why} (${summary})`;
  return badRequestError(`the object provided is unrecognized (must be of type ${kind})${detail}`);
}

/** A body may leave out its version and kind; if it names them, they are those of the URL. */
function requireKind(value: object, type: TypeName): void {
  const { apiVersion = '', kind = '' } = value as Partial<ApiObject>;
  const expected = type.group === '' ? type.version : `${type.group}/${type.version}`;
  if (apiVersion !== '' && apiVersion !== expected && type.kind !== 'DeleteOptions') {
    throw badRequestError(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== '' && kind !== type.kind) {
    throw badRequestError(
      `${kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: the body is of another kind`,
    );
  }
}
