/** How much storage of a class a driver can provide on a part of the nodes. */
import { outdated } from '../core/outdated-labels.ts';
import { validateAmount } from '../core/pod/resources.ts';
import { UNSET } from '../core/volume/columns.ts';
import { column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { canonicalQuantity } from '../meta/quantity.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateLabelSelector, validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as storage from '../types/storage-v1.ts';

export type CSIStorageCapacity = storage.CSIStorageCapacity;

export const CSIStorageCapacity = defineResource<CSIStorageCapacity>(
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'CSIStorageCapacity',
    plural: 'csistoragecapacities',
    namespaced: true,
  },
  {
    validateName: checkDnsSubdomain,
    validate: (capacity) => [...validate(capacity)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    warnings: (capacity) => [...warnings(capacity)],
    columns: [
      NAME_COLUMN,
      column('StorageClassName', 'Of which class.', ({ storageClassName }) => storageClassName),
      column('Capacity', 'How much.', ({ capacity }) => (capacity === undefined ? UNSET : canonicalQuantity(capacity))),
    ],
  },
);

function* validate({ nodeTopology, storageClassName, capacity }: CSIStorageCapacity): Generator<FieldError> {
  yield* validateLabelSelector(nodeTopology, 'nodeTopology');
  yield* validateName(storageClassName, checkDnsSubdomain, 'storageClassName');
  if (capacity !== undefined) yield* validateAmount('storage', capacity, 'capacity');
}

/** What was asked for stays; the answer changes. */
function* validateUpdate(next: CSIStorageCapacity, stored: CSIStorageCapacity): Generator<FieldError> {
  if (!semanticEqual(next.nodeTopology, stored.nodeTopology))
    yield invalid('nodeTopology', next.nodeTopology, 'field is immutable');
  if (next.storageClassName !== stored.storageClassName)
    yield invalid('storageClassName', next.storageClassName, 'field is immutable');
}

function* warnings({ nodeTopology }: CSIStorageCapacity): Generator<string> {
  const { matchExpressions = [], matchLabels = {} } = nodeTopology ?? {};
  for (const [index, { key }] of matchExpressions.entries())
    if (outdated(key) !== undefined) yield `nodeTopology.matchExpressions[${index}].key: ${key} is ${outdated(key)}`;
  for (const label of Object.keys(matchLabels))
    if (outdated(label) !== undefined) yield `nodeTopology.matchLabels.${label}: ${outdated(label)}`;
}
