/** Reads an apply patch: a part of an object of the kind the URL names, of the right types, with nothing in it twice. */
import { checkConfiguration } from '#api/apply/check-configuration';
import { ApiError, badRequestError } from '#api/errors';
import { jsonKindOf } from '#api/schema/go-types';
import { isJsonObject, type JsonObject } from '#api/meta/json-value';
import type { ApiObject } from '#api/object';
import type { ApiRequest } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { type ApplyKind, applyKindOf } from './apply-kind.ts';
import type { RegistryContext } from './context.ts';
import { requestedVersion } from './managed-fields.ts';
import { requireNoOtherName, requireSameNamespace } from './request-body.ts';
import type { TypeName } from './resources.ts';

export type ApplyRequest = {
  readonly definition: ResourceDefinition;
  readonly kind: ApplyKind;
  readonly request: ApiRequest;
  /** What the patch is, in the version it was sent to. */
  readonly type: TypeName & Pick<ApiObject, 'apiVersion'>;
  readonly configuration: JsonObject;
};

export function readApply(context: RegistryContext, definition: ResourceDefinition, request: ApiRequest): ApplyRequest {
  const kind = applyKindOf(definition);
  if (kind === undefined) throw badRequestError(`cannot apply to ${definition.kind}: the kind has no schema`);
  const { group, version } = context.served ?? definition;
  const type = { group, version, kind: definition.kind, apiVersion: requestedVersion(context, definition) };
  const configuration = request.body;
  if (!isJsonObject(configuration)) throw badRequestError('error decoding YAML: the patch is not an object');
  requireType(configuration, type);
  requireMetadata(configuration, definition, request);
  const structure = kind.typeIn(type.apiVersion);
  const problem = structure === undefined ? undefined : checkConfiguration(structure, configuration);
  if (problem !== undefined) throw untypedError(request, type, problem);
  return { definition, kind, request, type, configuration };
}

function requireType(configuration: JsonObject, { kind, apiVersion }: ApplyRequest['type']): void {
  const version = textAt(configuration, 'apiVersion') ?? '';
  const name = textAt(configuration, 'kind') ?? '';
  if (version === apiVersion && name === kind) return;
  throw badRequestError(`invalid object type: ${version.includes('/') ? version : `/${version}`}, Kind=${name}`);
}

function requireMetadata(configuration: JsonObject, definition: ResourceDefinition, request: ApiRequest): void {
  const metadata = isJsonObject(configuration['metadata']) ? configuration['metadata'] : {};
  if (Array.isArray(metadata['managedFields'])) throw badRequestError('metadata.managedFields must be nil');
  requireNoOtherName(textAt(metadata, 'name'), request.name ?? '');
  requireSameNamespace(definition, textAt(metadata, 'namespace') ?? '', request.namespace ?? '');
}

function textAt(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw badRequestError(
    `error decoding YAML: json: cannot unmarshal ${jsonKindOf(value)} into Go struct field .${name} of type string`,
  );
}

/** What upstream answers is no `Status` of its own making: a plain error, which clients see as one of the server. */
function untypedError({ namespace = '', name = '' }: ApiRequest, type: TypeName, problem: string): ApiError {
  const what = `${namespace}/${name}; ${type.group}/${type.version}, Kind=${type.kind}`;
  return new ApiError('Unknown', `failed to create typed patch object (${what}): ${problem}`);
}
