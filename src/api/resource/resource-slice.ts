/** A slice of the devices that a driver offers in a pool: on one node, on some, or on all. */
import { validateNodeSelector } from '../core/pod/affinity.ts';
import { validateDriverName } from '../core/pod/storage-sources.ts';
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import { invalid, required, type FieldError } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type { NodeSelector } from '../types/core-v1.ts';
import type * as resource from '../types/resource-v1.ts';
import { plainDevice, validateDevice } from './devices.ts';
import { MAX_DEVICES } from './limits.ts';
import { validateList } from './lists.ts';
import { validatePoolName } from './names.ts';

export type ResourceSlice = resource.ResourceSlice;

export const ResourceSlice = defineResource<ResourceSlice>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', plural: 'resourceslices', namespaced: false },
  {
    generations: 'always',
    prepareForCreate: plain,
    prepareForUpdate: plain,
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateUpdate: ({ spec: next }, { spec: stored }) => [
      ...immutable(next.pool.name, stored.pool.name, 'spec.pool.name'),
      ...immutable(next.driver, stored.driver, 'spec.driver'),
      ...immutable(next.nodeName, stored.nodeName, 'spec.nodeName'),
    ],
    columns: [
      NAME_COLUMN,
      column('Node', 'The node whose devices these are, if they are of one.', ({ spec }) => spec.nodeName ?? ''),
      column('Driver', 'Who offers them.', ({ spec }) => spec.driver),
      column('Pool', 'Which devices they belong to.', ({ spec }) => spec.pool.name),
      AGE_COLUMN,
    ],
    selectableFields: {
      'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
      'spec.driver': ({ spec }) => spec.driver,
    },
  },
);

function plain(slice: ResourceSlice): ResourceSlice {
  const { driver, pool, nodeName, nodeSelector, allNodes, devices } = slice.spec;
  return {
    ...slice,
    spec: {
      driver,
      pool,
      ...(nodeName === undefined ? {} : { nodeName }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(allNodes === undefined ? {} : { allNodes }),
      ...(devices === undefined ? {} : { devices: devices.map(plainDevice) }),
    },
  };
}

function* immutable(next: string | undefined, stored: string | undefined, field: string): Generator<FieldError> {
  if (next !== stored) yield invalid(field, next ?? '', 'field is immutable');
}

function* validate(spec: resource.ResourceSliceSpec): Generator<FieldError> {
  yield* validateDriverName(spec.driver, 'spec.driver');
  yield* validatePool(spec.pool, 'spec.pool');
  yield* validatePlaces(spec);
  yield* validateList(spec.devices, 'spec.devices', {
    max: MAX_DEVICES,
    validate: validateDevice,
    nameOf: ({ name }) => name,
  });
}

function* validatePool(pool: resource.ResourcePool, field: string): Generator<FieldError> {
  yield* validatePoolName(pool.name, `${field}.name`);
  if (pool.resourceSliceCount <= 0)
    yield invalid(`${field}.resourceSliceCount`, pool.resourceSliceCount, 'must be greater than zero');
  if (pool.generation < 0)
    yield invalid(`${field}.generation`, pool.generation, 'must be greater than or equal to zero');
}

const ONE_PLACE = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

/** Devices are on one node, on the nodes that a selector selects, or within reach of all. */
function* validatePlaces({ nodeName, nodeSelector, allNodes }: resource.ResourceSliceSpec): Generator<FieldError> {
  if (nodeName === '') yield invalid('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string');
  else if (nodeName !== undefined) yield* validateName(nodeName, checkDnsSubdomain, 'spec.nodeName');
  if (nodeSelector !== undefined) yield* validateSelector(nodeSelector, 'spec.nodeSelector');
  if (allNodes === false) yield invalid('spec.allNodes', allNodes, 'must be either unset or set to true');
  const places = [
    ...(nodeName ? ['`nodeName`'] : []),
    ...(nodeSelector === undefined ? [] : ['`nodeSelector`']),
    ...(allNodes === true ? ['`allNodes`'] : []),
  ];
  if (places.length === 0) yield required('spec', ONE_PLACE);
  if (places.length > 1) yield invalid('spec', `{${places.join(', ')}}`, `${ONE_PLACE}, but multiple fields are set`);
}

/** One term, so that those of several slices can be combined. */
function* validateSelector(selector: NodeSelector, field: string): Generator<FieldError> {
  yield* validateNodeSelector(selector, field);
  const { nodeSelectorTerms: terms } = selector;
  if (terms.length !== 1)
    yield invalid(`${field}.nodeSelectorTerms`, terms, 'must have exactly one node selector term');
}
