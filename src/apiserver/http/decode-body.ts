/** Turns the bytes of a body into the object it stands for, checked against the kind that the URL asks for. */
import { ApiError, badRequestError } from '#api/errors';
import { formatApiVersion, parseApiVersion } from '#api/meta/api-version';
import type { JsonObject } from '#api/meta/json-value';
import type { ApiObject } from '#api/object';
import type { PatchType, RequestOptions } from '#api/request';
import { DecodeError } from '#api/schema/decode-error';
import { jsonKindOf } from '#api/schema/go-types';
import { parseJson } from '#api/schema/json-text';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import { schemaFor } from '#api/schema/schema';
import type { Decoded, Sent } from '../registry/context.ts';
import { asBadRequest, decodeBuiltIn } from '../registry/decode.ts';
import type { TypeName } from '../registry/resources.ts';
import { goPackageOf } from './go-package.ts';
import { CONTENT_TYPES, parseMediaType } from './media-type.ts';
import { parseYaml } from './yaml-text.ts';

const PROTOBUF = CONTENT_TYPES.protobuf;
const BODY_TYPES = Object.values(CONTENT_TYPES);

export type Body = { readonly bytes: Buffer; readonly contentType: string | undefined };

export type Expected = { readonly type: TypeName; readonly fieldValidation: RequestOptions['fieldValidation'] };

/** A body that must be an object of a built-in kind. */
export function decodeObjectBody(body: Body, { type, fieldValidation }: Expected): Decoded {
  if (mediaTypeOf(body.contentType, '') !== PROTOBUF) {
    return decodeBuiltIn(parseObjectText(body, type), type, fieldValidation);
  }
  // Its bytes have no other types and fields than those of the schema: reading them has checked them.
  const { object } = asBadRequest(() => decodeProtobuf(body.bytes));
  requireKind(object, type);
  return { object: object as ApiObject, warnings: [] };
}

/** A body that must be an object of a kind that users defined, not yet checked: such kinds have no protobuf form. */
function parseCustomBody(body: Body, { type }: Expected): Sent {
  if (mediaTypeOf(body.contentType, '') !== PROTOBUF) return parseObjectText(body, type);
  throw unsupported(BODY_TYPES.filter((each) => each !== PROTOBUF));
}

function parseObjectText(body: Body, type: TypeName): Sent {
  const sent = parseBody(body, type);
  const { value } = sent;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unrecognized(type, body.bytes, noObject(value));
  requireKind(value, type);
  return sent;
}

function parseBody({ bytes, contentType }: Body, type: TypeName): Sent {
  switch (mediaTypeOf(contentType, CONTENT_TYPES.json)) {
    case CONTENT_TYPES.json:
      return parseText(bytes, type);
    case CONTENT_TYPES.yaml:
      return parseYaml(bytes.toString());
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

type FieldValidation = Expected['fieldValidation'];

export type PatchBody = {
  readonly patchType: PatchType;
  readonly body: unknown;
  /** What strict eyes find wrong with its text. */
  readonly findings: readonly string[];
};

/** A patch document and what kind of patch it is. */
export function decodePatchBody(
  { bytes, contentType }: Body,
  { fieldValidation }: Pick<Expected, 'fieldValidation'>,
): PatchBody {
  const given = mediaTypeOf(contentType, '');
  const patchType = PATCH_TYPES.find((type) => type === given);
  if (patchType === undefined) throw unsupported(PATCH_TYPES);
  if (patchType === 'application/apply-patch+yaml') return { patchType, ...applyBody(bytes, fieldValidation) };
  const { value, duplicateFields } = asBadRequest(() => parseJson(bytes.toString()));
  const what = patchType === 'application/json-patch+json' ? 'json patch duplicate field' : 'duplicate field';
  return { patchType, body: value, findings: duplicateFields.map((path) => `${what} "${path}"`) };
}

function applyBody(bytes: Buffer, fieldValidation: FieldValidation): Pick<PatchBody, 'body' | 'findings'> {
  const { value, findings } = parseYaml(bytes.toString());
  const told = findings.map((finding) => `error converting YAML to JSON: ${finding}`);
  if (fieldValidation === 'Strict' && told.length > 0) throw badRequestError(`error strict decoding YAML: ${told[0]}`);
  return { body: value, findings: told };
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

/** What upstream reads version and kind into. */
const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function noObject(value: unknown): string {
  const problem = `json: cannot unmarshal ${jsonKindOf(value)} into Go value of type ${TYPE_META}`;
  return `couldn't get version/kind; json parse error: ${problem}`;
}

const SUMMARY_BYTES = 30;

function unrecognized({ kind }: TypeName, bytes: Buffer, why: string): ApiError {
  return badRequestError(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summaryOf(bytes)})`);
}

/** What looks like JSON is shown as it is, all else as bytes. */
function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.subarray(0, SUMMARY_BYTES).toString(bytes[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

// An eviction says the same in the version in which older clients send it.
const ALSO_TAKEN: ReadonlyMap<string, string> = new Map([['policy/v1 Eviction', 'policy/v1beta1']]);

/** A body may leave out its version and kind; if it names them, they are those of the URL. */
function requireKind(value: object, type: TypeName): void {
  const { apiVersion, kind } = { apiVersion: typeField(value, 'apiVersion'), kind: typeField(value, 'kind') };
  const expected = formatApiVersion(type);
  const taken = ['', expected, ALSO_TAKEN.get(`${expected} ${type.kind}`)];
  const isOther = kind !== '' && kind !== type.kind;
  if (!isOther && (taken.includes(apiVersion) || type.kind === 'DeleteOptions')) return;
  const sent = { apiVersion: apiVersion || expected, kind: kind || type.kind };
  const { group, version } = parseApiVersion(sent.apiVersion);
  const why = (problem: string): ApiError =>
    badRequestError(
      `${sent.kind} in version ${JSON.stringify(version)} cannot be handled as a ${type.kind}: ${problem}`,
    );
  if (schemaFor(type) !== undefined && schemaFor({ group, version, kind: sent.kind }) === undefined)
    throw why(`no kind ${JSON.stringify(sent.kind)} is registered for version ${JSON.stringify(sent.apiVersion)}`);
  if (isOther)
    throw why(`converting (${version}.${kind}) to (${goPackageOf(type.group)}.${type.kind}): unknown conversion`);
  throw badRequestError(
    `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
  );
}

function typeField(value: object, name: 'apiVersion' | 'kind'): string {
  const field = Object.hasOwn(value, name) ? ((value as JsonObject)[name] ?? '') : '';
  if (typeof field === 'string') return field;
  const wrong = `json: cannot unmarshal ${jsonKindOf(field)} into Go struct field .${name} of type string`;
  throw badRequestError(`couldn't get version/kind; json parse error: ${wrong}`);
}

/** What a body can be read as. */
export const READINGS = { object: decodeObjectBody, custom: parseCustomBody, patch: decodePatchBody } as const;

export type Readings = typeof READINGS;
