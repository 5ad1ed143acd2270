/** Which drivers are installed on a node, and how many volumes each can have there. */
import { validateDriverName } from '../core/pod/storage-sources.ts';
import { AGE_COLUMN, countColumn, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, invalid, required } from '../meta/field-error.ts';
import { byteLength, checkDnsSubdomain, checkQualifiedName } from '../meta/names.ts';
import { repeatsIn } from '../meta/repeats.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as storage from '../types/storage-v1.ts';

export type CSINode = storage.CSINode;

export const CSINode = defineResource<CSINode>(
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'CSINode',
    plural: 'csinodes',
    namespaced: false,
  },
  {
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validateDrivers(spec.drivers, 'spec.drivers')],
    validateUpdate: (next, stored) => [...validateUpdate(next.spec, stored.spec)],
    columns: [
      NAME_COLUMN,
      countColumn('Drivers', 'How many drivers there are on the node.', ({ spec }) => spec.drivers.length),
      AGE_COLUMN,
    ],
  },
);

const NODE_ID_MAX_BYTES = 256;

function* validateDrivers(drivers: readonly storage.CSINodeDriver[], field: string): Generator<FieldError> {
  const names = new Set<string>();
  for (const [index, driver] of drivers.entries()) {
    const path = `${field}[${index}]`;
    yield* validateDriverName(driver.name, `${path}.name`);
    yield* validateNodeId(driver.nodeID, `${path}.nodeID`);
    const { count = 0 } = driver.allocatable ?? {};
    if (count < 0) yield invalid(`${path}.allocatable.count`, count, 'must be greater than or equal to 0');
    if (names.has(driver.name)) yield duplicate(`${path}.name`, driver.name);
    names.add(driver.name);
    yield* validateTopologyKeys(driver.topologyKeys ?? [], path);
  }
}

function* validateNodeId(id: string, field: string): Generator<FieldError> {
  if (id === '') yield required(field);
  if (byteLength(id) > NODE_ID_MAX_BYTES) yield invalid(field, id, `must be ${NODE_ID_MAX_BYTES} characters or less`);
}

function* validateTopologyKeys(keys: readonly string[], field: string): Generator<FieldError> {
  const repeats = repeatsIn(keys);
  for (const [index, key] of keys.entries()) {
    if (key === '') yield required(field);
    if (repeats.has(index)) yield duplicate(field, key);
    yield* validateName(key, checkQualifiedName, field);
  }
}

/** What a driver said of itself stays; how much it can take may be counted anew. */
function* validateUpdate(next: storage.CSINodeSpec, stored: storage.CSINodeSpec): Generator<FieldError> {
  const uncounted = ({ allocatable: _count, ...driver }: storage.CSINodeDriver): object => driver;
  for (const before of stored.drivers)
    for (const after of next.drivers)
      if (after.name === before.name && !semanticEqual(uncounted(after), uncounted(before)))
        yield invalid('spec.drivers', uncounted(after), 'field is immutable');
}
