/** Validates the metadata every object carries, on create and on update. */
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../types/meta-v1.ts';
import type { FieldError } from './field-error.ts';
import { forbidden, invalid, joinErrors, NO_ERRORS, notSupported, required, tooLong } from './field-error.ts';
import type { NameCheck } from './names.ts';
import { unlessSoundBefore } from './sound-before.ts';
import { byteLength, checkDnsLabel, checkPrefixOf, checkQualifiedName } from './names.ts';
import { validateAnnotations, validateLabels, validateName } from './validate-labels.ts';

export type MetaRules = { readonly namespaced: boolean; readonly checkName: NameCheck };

export function validateObjectMeta(meta: ObjectMeta, rules: MetaRules): readonly FieldError[] {
  return joinErrors([
    validateGenerateName(meta, rules),
    meta.name
      ? validateName(meta.name, rules.checkName, 'metadata.name')
      : [required('metadata.name', 'name or generateName is required')],
    validateNamespace(meta, rules.namespaced),
    validateGeneration(meta),
    validateLabels(meta.labels, 'metadata.labels'),
    validateAnnotations(meta.annotations, 'metadata.annotations'),
    validateOwners(meta.ownerReferences, 'metadata.ownerReferences'),
    validateFinalizers(meta.finalizers, 'metadata.finalizers'),
    validateManagedFields(meta.managedFields, 'metadata.managedFields'),
  ]);
}

/** What an update of any object must keep. `next` has been through the registry: server-owned fields are the stored ones unless the client sent others. */
export function validateObjectMetaUpdate(next: ObjectMeta, stored: ObjectMeta): readonly FieldError[] {
  const found = [...validateFinalizersOfDying(next, stored)];
  if (!next.resourceVersion) found.push(invalid('metadata.resourceVersion', '', 'must be specified for an update'));
  if ((next.generation ?? 0) < (stored.generation ?? 0))
    found.push(invalid('metadata.generation', next.generation ?? 0, 'must not be decremented'));
  for (const key of IMMUTABLE_KEYS)
    if (next[key] !== stored[key]) found.push(invalid(`metadata.${key}`, next[key], 'field is immutable'));
  return found;
}

const IMMUTABLE_KEYS = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const satisfies readonly (keyof ObjectMeta)[];

function validateGenerateName({ generateName = '' }: ObjectMeta, { checkName }: MetaRules): readonly FieldError[] {
  if (generateName === '') return NO_ERRORS;
  const check: NameCheck = (prefix) => checkPrefixOf(checkName, prefix);
  return validateName(generateName, check, 'metadata.generateName');
}

function validateNamespace({ namespace = '' }: ObjectMeta, namespaced: boolean): readonly FieldError[] {
  if (!namespaced) return namespace === '' ? NO_ERRORS : [forbidden('metadata.namespace', 'not allowed on this type')];
  if (namespace === '') return [required('metadata.namespace')];
  return validateName(namespace, checkDnsLabel, 'metadata.namespace');
}

function validateGeneration({ generation = 0 }: ObjectMeta): readonly FieldError[] {
  if (generation >= 0) return NO_ERRORS;
  return [invalid('metadata.generation', generation, 'must be greater than or equal to 0')];
}

type Owners = readonly OwnerReference[];

const validateOwners = unlessSoundBefore(function* (owners: Owners, field: string): Generator<FieldError> {
  for (const [index, owner] of owners.entries()) yield* validateOwner(owner, `${field}[${index}]`);
  const controllers = owners.filter(({ controller }) => controller === true).map(({ kind, name }) => `${kind}/${name}`);
  for (const other of controllers.slice(1))
    yield invalid(
      field,
      owners,
      `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${other}`,
    );
});

function* validateOwner(owner: OwnerReference, field: string): Generator<FieldError> {
  const { apiVersion, kind } = owner;
  if (!apiVersion) yield required(`${field}.apiVersion`, 'must not be empty');
  else if (!/^([^/]+\/)?[^/]+$/.test(apiVersion))
    yield invalid(`${field}.apiVersion`, apiVersion, 'must be <group>/<version> or <version>');
  for (const key of ['kind', 'name', 'uid'] as const)
    if (!owner[key]) yield required(`${field}.${key}`, 'must not be empty');
  if (apiVersion === 'v1' && kind === 'Event')
    yield invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner');
}

/** Finalizers upstream knows without a domain in their name. */
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

export function* validateFinalizerName(name: string, field: string): Generator<FieldError> {
  yield* validateName(name, checkQualifiedName, field);
  yield* validateStandardFinalizer(name, field);
}

function* validateStandardFinalizer(name: string, field: string): Generator<FieldError> {
  if (!name.includes('/') && !STANDARD_FINALIZERS.has(name))
    yield invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified');
}

type Names = readonly string[];

const validateFinalizers = unlessSoundBefore(function* (finalizers: Names, field: string): Generator<FieldError> {
  for (const name of finalizers) yield* validateName(name, checkQualifiedName, field);
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    yield invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set');
  for (const [index, name] of finalizers.entries()) yield* validateStandardFinalizer(name, `${field}[${index}]`);
});

function* validateFinalizersOfDying(next: ObjectMeta, stored: ObjectMeta): Generator<FieldError> {
  if (stored.deletionTimestamp === undefined) return;
  const extra = (next.finalizers ?? []).filter((name) => !(stored.finalizers ?? []).includes(name));
  if (extra.length === 0) return;
  const listed = extra
    .toSorted()
    .map((name) => JSON.stringify(name))
    .join(', ');
  yield forbidden(
    'metadata.finalizers',
    `no new finalizers can be added if the object is being deleted, found new finalizers []string{${listed}}`,
  );
}

const FIELD_MANAGER_MAX_BYTES = 128;
const SUBRESOURCE_MAX_BYTES = 256;

type Entries = readonly ManagedFieldsEntry[];

const validateManagedFields = unlessSoundBefore(function* (entries: Entries, field: string): Generator<FieldError> {
  for (const [index, entry] of entries.entries()) yield* validateManagedFieldsEntry(entry, `${field}[${index}]`);
});

function* validateManagedFieldsEntry(entry: ManagedFieldsEntry, field: string): Generator<FieldError> {
  const { operation = '', fieldsType } = entry;
  if (operation === '') yield required(`${field}.operation`, 'must not be empty');
  else if (operation !== 'Apply' && operation !== 'Update')
    yield notSupported(`${field}.operation`, operation, ['Apply', 'Update']);
  if (fieldsType && fieldsType !== 'FieldsV1') yield invalid(`${field}.fieldsType`, fieldsType, 'must be `FieldsV1`');
  yield* validateLength(entry.manager, FIELD_MANAGER_MAX_BYTES, `${field}.manager`);
  yield* validateLength(entry.subresource, SUBRESOURCE_MAX_BYTES, `${field}.subresource`);
}

function* validateLength(text: string | undefined, maxBytes: number, field: string): Generator<FieldError> {
  if (text !== undefined && byteLength(text) > maxBytes) yield tooLong(field, maxBytes);
}
