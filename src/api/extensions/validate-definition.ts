/** Checks the definition of a custom kind: names, versions, columns, subresources and everything about its schemas. */
import {
  type FieldError,
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../meta/field-error.ts';
import { checkDns1035Label, checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
} from '../types/apiextensions-v1.ts';
import { validateSchema } from './validate-schema.ts';

export function* validateDefinition({ metadata, spec }: CustomResourceDefinition): Generator<FieldError> {
  const { name } = metadata;
  if (name !== '' && name !== `${spec.names.plural}.${spec.group}`) {
    yield invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group');
  }
  yield* validateGroup(spec.group);
  yield* validateApproval(spec.group, metadata.annotations?.[APPROVED] ?? '');
  yield* validateScope(spec.scope);
  yield* validateSchemas(spec);
  yield* validateVersions(spec);
  yield* validateRequiredNames(spec.names);
  yield* validateNames(spec.names, 'spec.names');
  yield* validateShared(spec);
  yield* validateConversion(spec);
  if (spec.preserveUnknownFields === true) {
    yield invalid(
      'spec.preserveUnknownFields',
      true,
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    );
  }
}

function* validateGroup(group: string): Generator<FieldError> {
  if (group === '') return yield required('spec.group');
  const problems = checkDnsSubdomain(group);
  if (problems.length > 0) yield invalid('spec.group', group, problems.join(','));
  else if (!group.includes('.')) yield invalid('spec.group', group, 'should be a domain with at least one dot');
}

const APPROVED = 'api-approved.kubernetes.io';
const PROTECTED = /(?:^|\.)(?:k8s|kubernetes)\.io$/;

/** The community keeps its own groups from being used by chance. */
function* validateApproval(group: string, approval: string): Generator<FieldError> {
  if (!PROTECTED.test(group) || approval.startsWith('unapproved') || /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(approval))
    return;
  const field = `metadata.annotations[${APPROVED}]`;
  const rule = `protected groups must have approval annotation ${JSON.stringify(APPROVED)}`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  yield approval === ''
    ? required(field, `${rule}, ${see}`)
    : invalid(field, approval, `${rule} with either a URL or a reason starting with "unapproved", ${see}`);
}

const SCOPES = ['Cluster', 'Namespaced'];

function* validateScope(scope: string): Generator<FieldError> {
  if (scope === '') yield required('spec.scope');
  else if (!SCOPES.includes(scope)) yield notSupported('spec.scope', scope, SCOPES);
}

/** What all versions have alike, upstream speaks of as if it stood above the versions. */
function isShared(
  { versions }: CustomResourceDefinitionSpec,
  part: 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields',
): boolean {
  const [first] = versions;
  return versions.every((version) => semanticEqual(version[part], first?.[part]));
}

function* validateSchemas(spec: CustomResourceDefinitionSpec): Generator<FieldError> {
  for (const [index, { schema }] of spec.versions.entries()) {
    if (schema?.openAPIV3Schema === undefined) yield required(`spec.versions[${index}].schema.openAPIV3Schema`);
  }
  if (isShared(spec, 'schema')) yield* validateVersionSchema(spec.versions, 'spec.validation');
  else {
    for (const [index, version] of spec.versions.entries()) {
      yield* validateVersionSchema([version], `spec.versions[${index}].schema`);
    }
  }
}

/** `versions` have one schema. */
function* validateVersionSchema(
  versions: readonly CustomResourceDefinitionVersion[],
  field: string,
): Generator<FieldError> {
  const schema = versions[0]?.schema?.openAPIV3Schema;
  const hasStatus = versions.some(({ subresources }) => subresources?.status !== undefined);
  if (schema !== undefined) yield* validateSchema(schema, `${field}.openAPIV3Schema`, hasStatus ? 'status' : 'none');
}

function* validateVersions(spec: CustomResourceDefinitionSpec): Generator<FieldError> {
  const { versions } = spec;
  const own = {
    subresources: !isShared(spec, 'subresources'),
    columns: !isShared(spec, 'additionalPrinterColumns'),
    fields: !isShared(spec, 'selectableFields'),
  };
  for (const [index, version] of versions.entries()) {
    const field = `spec.versions[${index}]`;
    const problems = checkDns1035Label(version.name);
    if (problems.length > 0) yield invalid(`${field}.name`, version.name, problems.join(','));
    yield* validateDeprecation(version, `${field}.deprecationWarning`);
    if (own.subresources) yield* validateSubresources(version.subresources, `${field}.subresources`);
    if (own.columns) yield* validateColumns(version.additionalPrinterColumns, `${field}.additionalPrinterColumns`);
    if (own.fields) yield* validateSelectable(version, `${field}.selectableFields`);
  }
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    yield invalid('spec.versions', versions, 'must contain unique version names');
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    yield invalid('spec.versions', versions, 'must have exactly one version marked as storage version');
  }
}

function* validateShared(spec: CustomResourceDefinitionSpec): Generator<FieldError> {
  const [version] = spec.versions;
  if (version === undefined) return;
  if (isShared(spec, 'subresources')) yield* validateSubresources(version.subresources, 'spec.subresources');
  if (isShared(spec, 'additionalPrinterColumns')) {
    yield* validateColumns(version.additionalPrinterColumns, 'spec.additionalPrinterColumns');
  }
  if (isShared(spec, 'selectableFields')) yield* validateSelectable(version, 'spec.selectableFields');
}

const MAX_WARNING = 256;

function* validateDeprecation(version: CustomResourceDefinitionVersion, field: string): Generator<FieldError> {
  const { deprecated = false, deprecationWarning } = version;
  if (deprecationWarning === undefined) return;
  if (!deprecated) return yield invalid(field, deprecationWarning, 'can only be set for deprecated versions');
  if (deprecationWarning.length > MAX_WARNING)
    yield invalid(field, deprecationWarning, 'must be <= 256 characters long');
  if (deprecationWarning === '') yield invalid(field, deprecationWarning, 'must not be an empty string');
  const at = deprecationWarning.search(/\p{C}/u);
  if (at >= 0) {
    const why = `must only contain printable UTF-8 characters; non-printable character found at index ${at}`;
    yield invalid(field, deprecationWarning, why);
  }
}

function* validateRequiredNames(names: CustomResourceDefinitionNames): Generator<FieldError> {
  for (const key of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[key]) yield required(`spec.names.${key}`);
  }
}

function* validateNames(names: CustomResourceDefinitionNames, field: string): Generator<FieldError> {
  for (const key of ['plural', 'singular'] as const) yield* validateLabel(names[key] ?? '', `${field}.${key}`);
  for (const key of ['kind', 'listKind'] as const) {
    const name = names[key] ?? '';
    const problems = name === '' ? [] : checkDns1035Label(name.toLowerCase());
    if (problems.length === 0) continue;
    yield invalid(`${field}.${key}`, name, `may have mixed case, but should otherwise match: ${problems.join(',')}`);
  }
  yield* validateLabels(names.shortNames, `${field}.shortNames`);
  if (names.kind !== '' && names.kind === names.listKind) {
    yield invalid(`${field}.listKind`, names.listKind, 'kind and listKind may not be the same');
  }
  yield* validateLabels(names.categories, `${field}.categories`);
}

function* validateLabel(name: string, field: string): Generator<FieldError> {
  const problems = name === '' ? [] : checkDns1035Label(name);
  if (problems.length > 0) yield invalid(field, name, problems.join(','));
}

function* validateLabels(names: readonly string[] | undefined, field: string): Generator<FieldError> {
  for (const [index, name] of (names ?? []).entries()) {
    const problems = checkDns1035Label(name);
    if (problems.length > 0) yield invalid(`${field}[${index}]`, name, problems.join(','));
  }
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function* validateColumns(
  columns: readonly CustomResourceColumnDefinition[] | undefined,
  field: string,
): Generator<FieldError> {
  for (const [index, column] of (columns ?? []).entries()) yield* validateColumn(column, `${field}[${index}]`);
}

function* validateColumn(column: CustomResourceColumnDefinition, field: string): Generator<FieldError> {
  const { name, type, format = '', jsonPath } = column;
  if (name === '') yield required(`${field}.name`);
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (type === '') yield required(`${field}.type`, types);
  else if (!COLUMN_TYPES.includes(type)) yield invalid(`${field}.type`, type, types);
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    yield invalid(`${field}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`);
  }
  if (jsonPath === '') yield required(`${field}.JSONPath`);
  else yield* validatePath(jsonPath, `${field}.JSONPath`);
}

function* validatePath(path: string, field: string): Generator<FieldError> {
  if (!path.startsWith('.')) yield invalid(field, path, 'must be a simple json path starting with .');
}

function* validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  field: string,
): Generator<FieldError> {
  const scale = subresources?.scale;
  if (scale === undefined) return;
  yield* validateScalePath(scale.specReplicasPath, `${field}.scale.specReplicasPath`, ['.spec.']);
  yield* validateScalePath(scale.statusReplicasPath, `${field}.scale.statusReplicasPath`, ['.status.']);
  const { labelSelectorPath } = scale;
  if (labelSelectorPath === undefined || labelSelectorPath === '') return;
  yield* validateScalePath(labelSelectorPath, `${field}.scale.labelSelectorPath`, ['.spec.', '.status.']);
}

function* validateScalePath(path: string, field: string, roots: readonly string[]): Generator<FieldError> {
  if (path === '') return yield required(field);
  if (!path.startsWith('.')) return yield* validatePath(path, field);
  if (roots.some((root) => path.startsWith(root))) return;
  const under = roots.map((root) => root.slice(0, -1)).join(' or ');
  yield invalid(field, path, `should be a json path under ${roots.length > 1 ? 'either ' : ''}${under}`);
}

const MAX_SELECTABLE = 8;
const SELECTABLE_TYPES = new Set(['string', 'boolean', 'integer']);

function* validateSelectable(version: CustomResourceDefinitionVersion, field: string): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of (version.selectableFields ?? []).entries()) {
    const at = `${field}[${index}].jsonPath`;
    if (jsonPath === '') {
      yield required(at);
      continue;
    }
    const found = fieldSchema(version.schema?.openAPIV3Schema, jsonPath);
    if (found === undefined) yield invalid(at, jsonPath, 'is an invalid path: does not refer to a valid field');
    else yield* validateSelectableField(jsonPath, found, at);
    if (seen.has(jsonPath)) yield duplicate(at, jsonPath);
    seen.add(jsonPath);
  }
  if (seen.size > MAX_SELECTABLE) yield tooMany(field, seen.size, MAX_SELECTABLE);
}

function* validateSelectableField(path: string, schema: JSONSchemaProps, field: string): Generator<FieldError> {
  if (path.startsWith('.metadata.')) yield invalid(field, path, 'must not point to fields in metadata');
  if (!SELECTABLE_TYPES.has(schema.type ?? '')) {
    yield invalid(
      field,
      path,
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    );
  }
}

function fieldSchema(root: JSONSchemaProps | undefined, path: string): JSONSchemaProps | undefined {
  if (!path.startsWith('.')) return undefined;
  let schema = root;
  for (const name of path.slice(1).split('.')) {
    const { properties = {} } = schema ?? {};
    schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
  }
  return schema;
}

const STRATEGIES = ['None'];

function* validateConversion({ conversion }: CustomResourceDefinitionSpec): Generator<FieldError> {
  if (conversion === undefined) return;
  const { strategy, webhook } = conversion;
  if (strategy === '') yield required('spec.conversion.strategy');
  else if (!STRATEGIES.includes(strategy)) yield notSupported('spec.conversion.strategy', strategy, STRATEGIES);
  else if (webhook !== undefined) {
    const why = 'should not be set when strategy is not set to Webhook';
    yield forbidden('spec.conversion.webhookClientConfig', why);
  }
}

/** What may not change: where objects are stored ever, and what they are called once they are served. */
export function* validateDefinitionUpdate(
  next: CustomResourceDefinitionSpec,
  stored: CustomResourceDefinitionSpec,
  established: boolean,
): Generator<FieldError> {
  const immutable = (field: string, after: string, before: string): readonly FieldError[] =>
    after === before ? [] : [invalid(field, after, 'field is immutable')];
  if (established) {
    yield* immutable('spec.scope', next.scope, stored.scope);
    yield* immutable('spec.names.kind', next.names.kind, stored.names.kind);
  }
  yield* immutable('spec.group', next.group, stored.group);
  yield* immutable('spec.names.plural', next.names.plural, stored.names.plural);
}

/** Versions in which objects are stored stay defined. */
export function* validateStoredVersions(
  stored: readonly string[],
  versions: readonly CustomResourceDefinitionVersion[],
): Generator<FieldError> {
  const field = 'status.storedVersions';
  if (stored.length === 0) return yield invalid(field, stored, 'must have at least one stored version');
  for (const { name, storage } of versions) {
    if (storage && !stored.includes(name)) yield invalid(field, stored, `must have the storage version ${name}`);
  }
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    yield invalid(
      `${field}[${index}]`,
      name,
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
    );
  }
}
