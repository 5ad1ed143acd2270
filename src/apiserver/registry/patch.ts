/** Patches an object: the document is applied to the newest state, and the result goes the way of an update. */
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { badRequestError, invalidError, isApiError } from '#api/errors';
import { invalid } from '#api/meta/field-error';
import { isJsonObject, type JsonObject } from '#api/meta/json-value';
import { applyObject } from './apply.ts';
import type { Decoded, RegistryContext } from './context.ts';
import { withoutEqualOwners } from './owner-references.ts';
import { requireSameName } from './request-body.ts';
import type { TypeName } from './resources.ts';
import { applyIntent, type Intended } from './update.ts';
import { withWarnings } from './warnings.ts';

export async function patchObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  if (request.patchType === 'application/apply-patch+yaml') return await applyObject(context, definition, request);
  const { name = '', subresource } = request;
  let warnings: readonly string[] = [];
  const aim = { definition, request, status: subresource === 'status' };
  const result = await applyIntent(context, aim, (stored): Intended => {
    const { kind } = definition;
    const type = context.served === undefined ? definition : { ...context.served, kind };
    const object = context.served?.fromStored(stored) ?? stored;
    const value = patchedWith(context, request, { object, type });
    const decoded = decodePatched(context, request, { value, type });
    requireSameName(decoded.object.metadata.name, name);
    const { sent, warnings: found } = withoutEqualOwners(decoded.object, 'as patched');
    warnings = [...decoded.warnings, ...found];
    return { sent: context.served?.toStored(sent as ApiObject) ?? sent };
  });
  return withWarnings(warnings, result);
}

type Outcome = { readonly value: unknown; readonly type: TypeName };

/** What a patch made unreadable is refused as a whole, as upstream has it. */
function decodePatched({ decode }: RegistryContext, request: ApiRequest, { value, type }: Outcome): Decoded {
  const { findings = [], options } = request;
  try {
    return decode({ value, findings }, type, options.fieldValidation);
  } catch (error) {
    if (!isApiError(error, 'BadRequest')) throw error;
    const prefix = `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: `;
    const why = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
    throw invalidError({ group: '', kind: '' }, '', [invalid('patch', shown(request, value), why)]);
  }
}

/** A strategic patch is shown itself, of others what they made of the object. */
function shown({ patchType, body }: ApiRequest, value: unknown): string {
  return patchType === 'application/strategic-merge-patch+json' ? goText(body) : JSON.stringify(value);
}

/** As Go prints what it read from JSON. */
function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value).toSorted();
  return `map[${fields.map((name) => `${name}:${goText(value[name])}`).join(' ')}]`;
}

type Patched = { readonly object: ApiObject; readonly type: TypeName };

export function patchedWith(
  { applyPatch }: RegistryContext,
  { patchType, body }: ApiRequest,
  { object, type }: Patched,
): unknown {
  if (patchType === undefined) throw badRequestError('the type of the patch is missing');
  const value = applyPatch({ patchType, document: body }, object, type);
  if (!isJsonObject(value) || isOfType(value, object, type)) return value;
  const { apiVersion, kind } = object;
  // Upstream reads what a strategic patch made as the kind that it was, whatever it is called now.
  if (patchType === 'application/strategic-merge-patch+json') return { ...value, apiVersion, kind };
  throw invalidError({ group: '', kind: '' }, '', [invalid('patch', JSON.stringify(value), otherType(value))]);
}

function isOfType({ apiVersion, kind }: JsonObject, object: ApiObject, { group, version }: TypeName): boolean {
  const served = group === '' ? version : `${group}/${version}`;
  return kind === object.kind && (apiVersion === object.apiVersion || apiVersion === served);
}

function otherType(value: JsonObject): string {
  const { apiVersion = '', kind = '' } = value;
  if (kind === '') return `Object 'Kind' is missing in '${JSON.stringify(value)}'`;
  if (apiVersion === '') return `Object 'apiVersion' is missing in '${JSON.stringify(value)}'`;
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`;
}
