/** The definition of a custom kind: its names, its versions and the schemas of its objects. */
import { column, NAME_COLUMN } from '../meta/columns.ts';
import { isConditionTrue, setCondition } from '../meta/conditions.ts';
import type { FieldError } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { formatTime } from '../meta/time.ts';
import { defineResource } from '../resource.ts';
import type * as extensions from '../types/apiextensions-v1.ts';
import { formatCheck } from './schema/formats.ts';
import { allParts } from './schema-field.ts';
import { validateDefinition, validateDefinitionUpdate, validateStoredVersions } from './validate-definition.ts';

export type CustomResourceDefinition = extensions.CustomResourceDefinition;

/** Holds a definition back until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export const CustomResourceDefinition = defineResource<CustomResourceDefinition>(
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    hasStatus: true,
    updates: 'conditional',
    applyDefaults,
    prepareForCreate: ({ status: _status, ...definition }) => withStoredVersion(definition),
    prepareForUpdate: withStoredVersion,
    prepareForDelete,
    validateName: checkDnsSubdomain,
    validate: (definition) => [...validateDefinition(definition)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    validateStatusUpdate: ({ spec, status }) => [
      ...validateStoredVersions(status?.storedVersions ?? [], spec.versions),
    ],
    warnings,
    columns: [
      NAME_COLUMN,
      {
        ...column<CustomResourceDefinition>(
          'Created At',
          'When the definition was created, in UTC.',
          ({ metadata }) => metadata.creationTimestamp,
        ),
        type: 'date',
      },
    ],
  },
);

export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return isConditionTrue(status?.conditions, 'Established');
}

export function storageVersion({ spec }: CustomResourceDefinition): string {
  return spec.versions.find(({ storage }) => storage)?.name ?? '';
}

function applyDefaults(definition: CustomResourceDefinition): CustomResourceDefinition {
  const { spec } = definition;
  const names = withNames(spec.names);
  if (names === spec.names && spec.conversion !== undefined) return definition;
  return { ...definition, spec: { ...spec, names, conversion: spec.conversion ?? { strategy: 'None' } } };
}

function withNames(names: extensions.CustomResourceDefinitionNames): extensions.CustomResourceDefinitionNames {
  const { kind, singular = '', listKind = '' } = names;
  if (kind === '' || (singular !== '' && listKind !== '')) return names;
  return {
    ...names,
    singular: singular === '' ? kind.toLowerCase() : singular,
    listKind: listKind === '' ? `${kind}List` : listKind,
  };
}

/** The versions in which objects may be stored are kept track of, so that none of them is dropped too early. */
function withStoredVersion(definition: CustomResourceDefinition): CustomResourceDefinition {
  const name = storageVersion(definition);
  const stored = definition.status?.storedVersions ?? [];
  if (name === '' || stored.includes(name)) return definition;
  return { ...definition, status: { ...definition.status, storedVersions: [...stored, name] } };
}

function prepareForDelete(definition: CustomResourceDefinition, nowMs: number): CustomResourceDefinition {
  const { metadata, status } = definition;
  if (metadata.deletionTimestamp !== undefined) return definition;
  const finalizers = metadata.finalizers ?? [];
  const conditions = setCondition(status?.conditions, {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: formatTime(nowMs),
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  });
  return {
    ...definition,
    metadata: {
      ...metadata,
      finalizers: finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER],
    },
    status: { ...status, conditions },
  };
}

function* validateUpdate(next: CustomResourceDefinition, stored: CustomResourceDefinition): Generator<FieldError> {
  yield* validateDefinitionUpdate(next.spec, stored.spec, isEstablished(stored));
  yield* validateStoredVersions(next.status?.storedVersions ?? [], next.spec.versions);
}

const KEPT_FORMATS = new Set(['int32', 'int64', 'float', 'double']);

function warnings({ spec }: CustomResourceDefinition): readonly string[] {
  const found = new Set<string>();
  for (const { schema } of spec.versions) {
    if (schema?.openAPIV3Schema === undefined) continue;
    for (const { schema: part } of allParts({ schema: schema.openAPIV3Schema, field: '' })) {
      const { format = '' } = part;
      if (format === '' || KEPT_FORMATS.has(format) || formatCheck(format) !== undefined) continue;
      found.add(`unrecognized format ${JSON.stringify(format)}`);
    }
  }
  return [...found];
}
