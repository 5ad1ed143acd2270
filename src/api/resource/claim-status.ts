/** Validates what is reported of a claim: what it was allocated, for whom it is reserved, and what drivers say of its devices. */
import { validateNodeSelector } from '../core/pod/affinity.ts';
import { validateDriverName } from '../core/pod/storage-sources.ts';
import { duplicate, forbidden, invalid, notSupported, required, type FieldError } from '../meta/field-error.ts';
import { checkDnsLabel } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { validateName } from '../meta/validate-labels.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '../types/resource-v1.ts';
import { requestNames, validateConfiguration, validateReference, validateReferences } from './device-claim.ts';
import { MAX_CONFIGURATIONS, MAX_CONSUMERS, MAX_REQUESTS } from './limits.ts';
import { validateList } from './lists.ts';
import { validatePoolName } from './names.ts';

const SOURCES: readonly string[] = ['FromClaim', 'FromClass'];

export function* validateClaimStatus(next: ResourceClaim, stored: ResourceClaim): Generator<FieldError> {
  const { reservedFor = [], allocation, devices = [] } = next.status ?? {};
  yield* validateList(reservedFor, 'status.reservedFor', {
    max: MAX_CONSUMERS,
    validate: validateConsumer,
    nameOf: ({ uid }) => uid,
  });
  yield* validateDevices(devices, allocation);
  if (reservedFor.length > 0 && allocation === undefined)
    yield forbidden('status.reservedFor', 'may not be specified when `allocated` is not set');
  else yield* validateReservations(next, stored);
  yield* validateAllocation(next, stored);
}

function* validateConsumer(consumer: ResourceClaimConsumerReference, field: string): Generator<FieldError> {
  for (const name of ['resource', 'name', 'uid'] as const) if (!consumer[name]) yield required(`${field}.${name}`);
}

/** Nobody may join while the claim is being deleted. */
function* validateReservations({ metadata, status }: ResourceClaim, stored: ResourceClaim): Generator<FieldError> {
  if (metadata.deletionTimestamp === undefined) return;
  const before = new Set(stored.status?.reservedFor?.map(({ uid }) => uid));
  if (status?.reservedFor?.some(({ uid }) => !before.has(uid)) === true)
    yield forbidden(
      'status.reservedFor',
      'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
    );
}

function* validateAllocation({ spec, status }: ResourceClaim, stored: ResourceClaim): Generator<FieldError> {
  const allocation = status?.allocation;
  const before = stored.status?.allocation;
  if (allocation === undefined) return;
  if (before === undefined) yield* validateResult(allocation, requestNames(spec.devices ?? {}), 'status.allocation');
  else if (!semanticEqual(allocation, before)) yield invalid('status.allocation', allocation, 'field is immutable');
}

type Names = ReadonlySet<string>;

function* validateResult(
  { devices, nodeSelector }: AllocationResult,
  names: Names,
  field: string,
): Generator<FieldError> {
  yield* validateList(devices?.results, `${field}.devices.results`, {
    max: MAX_REQUESTS,
    validate: (result, path) => validateDevice(result, names, path),
  });
  yield* validateList(devices?.config, `${field}.devices.config`, {
    max: 2 * MAX_CONFIGURATIONS,
    validate: (configuration, path) => validateAllocatedConfiguration(configuration, names, path),
  });
  if (nodeSelector !== undefined) yield* validateNodeSelector(nodeSelector, `${field}.nodeSelector`);
}

function* validateDevice(
  { request, driver, pool, device }: DeviceRequestAllocationResult,
  names: Names,
  field: string,
): Generator<FieldError> {
  yield* validateReference(request, names, `${field}.request`);
  yield* validateDriverName(driver, `${field}.driver`);
  yield* validatePoolName(pool, `${field}.pool`);
  yield* validateName(device, checkDnsLabel, `${field}.device`);
}

function* validateAllocatedConfiguration(
  configuration: DeviceAllocationConfiguration,
  names: Names,
  field: string,
): Generator<FieldError> {
  const { source, requests } = configuration;
  if (source === '') yield required(`${field}.source`);
  else if (!SOURCES.includes(source)) yield notSupported(`${field}.source`, source, SOURCES);
  yield* validateReferences(requests, names, `${field}.requests`);
  yield* validateConfiguration(configuration, field);
}

type DeviceId = Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device'>;
const idOf = ({ driver, pool, device }: DeviceId): string => `${driver}/${pool}/${device}`;

function* validateDevices(
  devices: readonly AllocatedDeviceStatus[],
  allocation: AllocationResult | undefined,
): Generator<FieldError> {
  const allocated = new Set(allocation?.devices?.results?.map(idOf));
  const known = new Set<string>();
  for (const [index, device] of devices.entries()) {
    const field = `status.devices[${index}]`;
    const id = idOf(device);
    yield* validateDriverName(device.driver, `${field}.driver`);
    yield* validatePoolName(device.pool, `${field}.pool`);
    yield* validateName(device.device, checkDnsLabel, `${field}.device`);
    if (!allocated.has(id)) yield invalid(field, id, 'must be an allocated device in the claim');
    if (known.has(id)) yield duplicate(field, id);
    known.add(id);
    yield* validateConditions(device.conditions ?? [], `${field}.conditions`);
  }
}
