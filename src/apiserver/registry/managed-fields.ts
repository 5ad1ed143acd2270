/** Records in `metadata.managedFields` who wrote what with creates, updates and patches that are no applies. */
import { createdFields, zeroObject } from '#api/apply/created-fields';
import { isEmpty } from '#api/apply/field-set';
import {
  decodeManagers,
  encodeManagers,
  type Manager,
  type Managers,
  newEntry,
  NO_MANAGERS,
} from '#api/apply/ownership';
import type { Part } from '#api/apply/owned-fields';
import { recordUpdate, type Writer } from '#api/apply/record-update';
import { equalJson, type JsonObject } from '#api/meta/json-value';
import { formatTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';
import type { ApiRequest } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { MessageSchema } from '#api/schema/schema';
import type { ManagedFieldsEntry, ObjectMeta } from '#api/types/meta-v1';
import { deepFreeze } from '#base/deep-freeze';
import { applyKindOf } from './apply-kind.ts';
import type { RegistryContext } from './context.ts';
import { fieldManagerOf } from './writer-name.ts';
import { sameJsonBut } from './same-json.ts';

export type ManagedFields = readonly ManagedFieldsEntry[] | undefined;

/** Who makes the request now, of which part of the object, in the version that was asked for. */
export function writerOf(context: RegistryContext, definition: ResourceDefinition, request: ApiRequest): Writer {
  const { subresource = '' } = request;
  return {
    manager: fieldManagerOf(request),
    apiVersion: requestedVersion(context, definition),
    subresource,
    part: subresource === 'status' ? 'status' : partOf(definition),
    time: formatTime(context.world.clock.now()),
  };
}

export function requestedVersion({ served }: RegistryContext, { apiVersion }: ResourceDefinition): string {
  if (served === undefined) return apiVersion;
  return served.group === '' ? served.version : `${served.group}/${served.version}`;
}

const partOf = ({ hasStatus }: ResourceDefinition): Part => (hasStatus ? 'spec' : 'whole');

/** The object as somebody creates it, with whom its fields belong to. */
export function withCreator(
  context: RegistryContext,
  definition: ResourceDefinition,
  { request, object }: { readonly request: ApiRequest; readonly object: ApiObject },
): ApiObject {
  const kind = applyKindOf(definition);
  if (kind === undefined) return object;
  const apiVersion = requestedVersion(context, definition);
  const schema = kind.schemaIn(apiVersion);
  if (schema === undefined) return object;
  const versioned = context.served?.fromStored(object) ?? object;
  const fields = createdFields(
    { schema, reset: definition.hasStatus ? RESET_STATUS : NOTHING_RESET },
    versioned as JsonObject,
  );
  // Who owns nothing is not recorded.
  if (isEmpty(fields)) return object;
  const { metadata } = object;
  const identity = { manager: fieldManagerOf(request), operation: 'Update', apiVersion, subresource: '' } as const;
  const managedFields = asBefore(schema, { ...identity, time: metadata.creationTimestamp, fields });
  return { ...object, metadata: { ...metadata, managedFields } };
}

type Creator = { readonly maker: Manager; readonly managedFields: readonly ManagedFieldsEntry[] };

const latest = new WeakMap<MessageSchema, Creator>();

/** Many objects made in a row by one component within a second share their entry. */
function asBefore(schema: MessageSchema, maker: Manager): readonly ManagedFieldsEntry[] {
  const before = latest.get(schema);
  if (before !== undefined && isSame(before.maker, maker)) return before.managedFields;
  const managedFields = deepFreeze([newEntry(maker)]);
  latest.set(schema, { maker, managedFields });
  return managedFields;
}

function isSame(left: Manager, right: Manager): boolean {
  return (
    left.fields === right.fields &&
    left.time === right.time &&
    left.manager === right.manager &&
    left.apiVersion === right.apiVersion
  );
}

const RESET_STATUS = ['status'];
const NOTHING_RESET: readonly string[] = [];

type Updated = {
  readonly request: ApiRequest;
  /** The metadata of what was sent: clients may change or reset the managers themselves. */
  readonly sent: Partial<ObjectMeta>;
  readonly stored: ApiObject;
  readonly next: ApiObject;
};

/** Whom the fields belong to after an update. */
export function managersAfterUpdate(
  context: RegistryContext,
  definition: ResourceDefinition,
  { request, sent, stored, next }: Updated,
): ManagedFields {
  const kind = applyKindOf(definition);
  const managers = managersBefore(request, sent.managedFields, stored.metadata.managedFields);
  // Where nobody is recorded, recording begins with the first apply.
  if (kind === undefined || managers.size === 0) return undefined;
  const states = { before: withEmptyParts(definition, stored), after: withEmptyParts(definition, next) };
  const writer = writerOf(context, definition, request);
  return encodeManagers(recordUpdate(managers, { states, versions: kind, writer }));
}

function managersBefore({ subresource }: ApiRequest, sent: ManagedFields, stored: ManagedFields): Managers {
  if (subresource === undefined && sent !== undefined && sent !== stored && !equalJson(sent, stored)) {
    if (isReset(sent)) return NO_MANAGERS;
    const given = decodeManagers(sent);
    if (given !== undefined && given.size > 0) return given;
  }
  return decodeManagers(stored) ?? NO_MANAGERS;
}

/** One empty entry: the way to say that nobody shall be recorded. */
function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  const [only] = entries;
  return entries.length === 1 && only !== undefined && Object.keys(only).length === 0;
}

/** Some objects lack a status until somebody reports one; to upstream it is always there. */
export function withEmptyParts(definition: ResourceDefinition, object: ApiObject): JsonObject {
  if ('status' in object) return object;
  const schema = applyKindOf(definition)?.schemaIn(definition.apiVersion);
  const { status } = schema === undefined ? NO_STATUS : (zeroObject(schema) as WithStatus);
  return status === undefined ? object : { ...object, status };
}

type WithStatus = { readonly status?: unknown };
const NO_STATUS: WithStatus = {};

export function withManagedFields(object: ApiObject, managedFields: ManagedFields): ApiObject {
  if (object.metadata.managedFields === managedFields) return object;
  if (managedFields !== undefined && managedFields.length > 0)
    return { ...object, metadata: { ...object.metadata, managedFields } };
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Whether two states are the same but for the times at which managers last wrote: that alone is no change. */
export function sameButTimes(next: ApiObject, stored: ApiObject): boolean {
  return (
    sameJsonBut('metadata', next, stored) &&
    sameJsonBut('managedFields', next.metadata, stored.metadata) &&
    sameEntries(next.metadata.managedFields, stored.metadata.managedFields)
  );
}

function sameEntries(left: ManagedFields = [], right: ManagedFields = []): boolean {
  if (left === right) return true;
  const isSame = (entry: ManagedFieldsEntry, other: ManagedFieldsEntry | undefined): boolean =>
    entry === other || (other !== undefined && sameJsonBut('time', entry, other));
  return left.length === right.length && left.every((entry, index) => isSame(entry, right[index]));
}
