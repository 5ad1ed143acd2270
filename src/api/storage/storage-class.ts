/** A kind of storage that claims can ask for: who provides it, and how it is bound and reclaimed. */
import { outdated } from '../core/outdated-labels.ts';
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import { checkDnsSubdomain, checkQualifiedName } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type { TopologySelectorTerm } from '../types/core-v1.ts';
import type * as storage from '../types/storage-v1.ts';
import { validateParameters, validateProvisioner } from './parameters.ts';

export type StorageClass = storage.StorageClass;

/** Mark the class that claims get which name none; the second is how it was done first. */
export const DEFAULT_CLASS_MARKS: readonly string[] = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const StorageClass = defineResource<StorageClass>(
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'StorageClass',
    plural: 'storageclasses',
    namespaced: false,
  },
  {
    shortNames: ['sc'],
    applyDefaults: (storageClass) => ({
      ...storageClass,
      reclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      volumeBindingMode: storageClass.volumeBindingMode ?? 'Immediate',
    }),
    validateName: checkDnsSubdomain,
    validate: (storageClass) => [...validate(storageClass)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    warnings: (storageClass) => [...warnings(storageClass)],
    columns: [
      { ...NAME_COLUMN, cell: nameText },
      column('Provisioner', 'Who makes its volumes.', ({ provisioner }) => provisioner),
      column(
        'ReclaimPolicy',
        'What becomes of a volume when its claim is gone.',
        ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
      ),
      column(
        'VolumeBindingMode',
        'When a claim gets its volume.',
        ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
      ),
      column(
        'AllowVolumeExpansion',
        'Whether its volumes can grow.',
        ({ allowVolumeExpansion = false }) => allowVolumeExpansion,
      ),
      AGE_COLUMN,
    ],
  },
);

function nameText({ metadata: { name, annotations } }: StorageClass): string {
  return DEFAULT_CLASS_MARKS.some((mark) => annotations?.[mark] === 'true') ? `${name} (default)` : name;
}

const RECLAIM_POLICIES: readonly string[] = ['Delete', 'Retain'];
const BINDING_MODES: readonly string[] = ['Immediate', 'WaitForFirstConsumer'];

function* validate(storageClass: StorageClass): Generator<FieldError> {
  const { provisioner, parameters = {}, reclaimPolicy, volumeBindingMode, allowedTopologies = [] } = storageClass;
  yield* validateProvisioner(provisioner, 'provisioner');
  yield* validateParameters(parameters, 'parameters');
  if (reclaimPolicy && !RECLAIM_POLICIES.includes(reclaimPolicy))
    yield notSupported('reclaimPolicy', reclaimPolicy, RECLAIM_POLICIES);
  if (volumeBindingMode === undefined) yield required('volumeBindingMode');
  else if (!BINDING_MODES.includes(volumeBindingMode))
    yield notSupported('volumeBindingMode', volumeBindingMode, BINDING_MODES);
  yield* validateTopologies(allowedTopologies, 'allowedTopologies');
}

function* validateTopologies(terms: readonly TopologySelectorTerm[], field: string): Generator<FieldError> {
  const seen: object[] = [];
  for (const [index, term] of terms.entries()) {
    yield* validateTopology(term, `${field}[${index}]`);
    const pairs = (term.matchLabelExpressions ?? []).map(({ key, values }) => [key, values.toSorted()]);
    const meaning: object = Object.fromEntries(pairs);
    if (seen.some((other) => semanticEqual(other, meaning)))
      yield duplicate(`${field}[${index}].matchLabelExpressions`, '');
    seen.push(meaning);
  }
}

function* validateTopology({ matchLabelExpressions = [] }: TopologySelectorTerm, field: string): Generator<FieldError> {
  if (matchLabelExpressions.length === 0) yield required(`${field}.matchLabelExpressions`);
  const keys = new Set<string>();
  for (const [index, { key, values }] of matchLabelExpressions.entries()) {
    const path = `${field}.matchLabelExpressions[${index}]`;
    if (values.length === 0) yield required(`${path}.values`);
    for (const [valueIndex, value] of values.entries())
      if (values.indexOf(value) < valueIndex) yield duplicate(`${path}.values[${valueIndex}]`, value);
    yield* validateName(key, checkQualifiedName, `${path}.key`);
    if (keys.has(key)) yield duplicate(`${path}.key`, key);
    keys.add(key);
  }
}

function* validateUpdate(next: StorageClass, stored: StorageClass): Generator<FieldError> {
  if (!semanticEqual(next.parameters ?? {}, stored.parameters ?? {}))
    yield forbidden('parameters', 'updates to parameters are forbidden.');
  if (next.provisioner !== stored.provisioner) yield forbidden('provisioner', 'updates to provisioner are forbidden.');
  if (next.reclaimPolicy !== stored.reclaimPolicy)
    yield forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.');
  if (next.volumeBindingMode !== stored.volumeBindingMode)
    yield invalid('volumeBindingMode', next.volumeBindingMode, 'field is immutable');
}

function* warnings({ allowedTopologies = [] }: StorageClass): Generator<string> {
  for (const [index, { matchLabelExpressions = [] }] of allowedTopologies.entries())
    for (const [expressionIndex, { key }] of matchLabelExpressions.entries())
      if (outdated(key) !== undefined)
        yield `allowedTopologies[${index}].matchLabelExpressions[${expressionIndex}].key: ${key} is ${outdated(key)}`;
}
