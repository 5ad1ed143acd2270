/** Validates what a claim asks for: requests for devices, what they have in common, and how they are set up. */
import { validateDriverName } from '../core/pod/storage-sources.ts';
import { invalid, notSupported, required, tooLong, type FieldError } from '../meta/field-error.ts';
import { byteLength, checkDnsLabel, checkDnsSubdomain } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import type {
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../types/resource-v1.ts';
import { validateSelector } from './device-selector.ts';
import {
  MAX_ALTERNATIVES,
  MAX_CONFIGURATIONS,
  MAX_CONSTRAINTS,
  MAX_PARAMETERS_LENGTH,
  MAX_REQUESTS,
  MAX_SELECTORS,
} from './limits.ts';
import { validateList } from './lists.ts';
import { validateFullyQualifiedName } from './names.ts';

const MODES: readonly string[] = ['All', 'ExactCount'];
const NO_SUCH_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export function* validateDeviceClaim(claim: DeviceClaim, field: string): Generator<FieldError> {
  const names = requestNames(claim);
  yield* validateList(claim.requests, `${field}.requests`, {
    max: MAX_REQUESTS,
    validate: validateRequest,
    nameOf: ({ name }) => name,
  });
  yield* validateList(claim.constraints, `${field}.constraints`, {
    max: MAX_CONSTRAINTS,
    validate: (constraint, path) => validateConstraint(constraint, names, path),
  });
  yield* validateList(claim.config, `${field}.config`, {
    max: MAX_CONFIGURATIONS,
    validate: (configuration, path) => validateClaimConfiguration(configuration, names, path),
  });
}

/** Every name under which a part of the claim may speak of a request: its own, and those of its alternatives. */
export function requestNames({ requests = [] }: DeviceClaim): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((each) => `${name}/${each.name}`),
    ]),
  );
}

function* validateRequest(request: DeviceRequest, field: string): Generator<FieldError> {
  const { name, exactly, firstAvailable = [] } = request;
  yield* validateName(name, checkDnsLabel, `${field}.name`);
  if (exactly !== undefined && firstAvailable.length > 0)
    yield invalid(field, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set');
  else if (exactly !== undefined) yield* validateWish(exactly, `${field}.exactly`);
  else if (firstAvailable.length === 0)
    yield required(field, 'exactly one of `exactly` or `firstAvailable` is required');
  else {
    yield* validateList(firstAvailable, `${field}.firstAvailable`, {
      max: MAX_ALTERNATIVES,
      validate: validateAlternative,
      nameOf: (alternative) => alternative.name,
    });
  }
}

function* validateAlternative(alternative: DeviceSubRequest, field: string): Generator<FieldError> {
  yield* validateName(alternative.name, checkDnsLabel, `${field}.name`);
  yield* validateWish(alternative, field);
}

function* validateWish(wish: ExactDeviceRequest | DeviceSubRequest, field: string): Generator<FieldError> {
  const { deviceClassName, selectors, allocationMode = '', count = 0 } = wish;
  if (deviceClassName === '') yield required(`${field}.deviceClassName`);
  else yield* validateName(deviceClassName, checkDnsSubdomain, `${field}.deviceClassName`);
  yield* validateSelectors(selectors, `${field}.selectors`);
  if (allocationMode === 'All') {
    if (count !== 0) yield invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'");
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) yield invalid(`${field}.count`, count, 'must be greater than zero');
  } else yield notSupported(`${field}.allocationMode`, allocationMode, MODES);
}

export function validateSelectors(selectors: ExactDeviceRequest['selectors'], field: string): Generator<FieldError> {
  return validateList(selectors, field, { max: MAX_SELECTORS, validate: validateSelector });
}

type Names = ReadonlySet<string>;

function* validateConstraint(
  { requests, matchAttribute }: DeviceConstraint,
  names: Names,
  field: string,
): Generator<FieldError> {
  yield* validateReferences(requests, names, `${field}.requests`);
  if (matchAttribute === undefined) yield required(`${field}.matchAttribute`);
  else yield* validateFullyQualifiedName(matchAttribute, `${field}.matchAttribute`);
}

function* validateClaimConfiguration(
  configuration: DeviceClaimConfiguration,
  names: Names,
  field: string,
): Generator<FieldError> {
  yield* validateReferences(configuration.requests, names, `${field}.requests`);
  yield* validateConfiguration(configuration, field);
}

export function validateReferences(
  references: readonly string[] | undefined,
  names: Names,
  field: string,
): Generator<FieldError> {
  return validateList(references, field, {
    max: MAX_REQUESTS,
    validate: (name, path) => validateReference(name, names, path),
    nameOf: (name) => name,
  });
}

export function* validateReference(name: string, names: Names, field: string): Generator<FieldError> {
  const parts = name.split('/');
  if (parts.length <= 2) for (const part of parts) yield* validateName(part, checkDnsLabel, field);
  if (!names.has(name)) yield invalid(field, name, NO_SUCH_REQUEST);
}

export function* validateConfiguration({ opaque }: DeviceConfiguration, field: string): Generator<FieldError> {
  if (opaque === undefined) {
    yield required(`${field}.opaque`);
    return;
  }
  const { driver, parameters } = opaque;
  yield* validateDriverName(driver, `${field}.opaque.driver`);
  const path = `${field}.opaque.parameters`;
  if (parameters === undefined) yield required(path);
  else if (byteLength(JSON.stringify(parameters)) > MAX_PARAMETERS_LENGTH) yield tooLong(path, MAX_PARAMETERS_LENGTH);
}
