/** Validates resource requests and limits, of containers and of whole pods. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkDnsLabel, checkQualifiedName } from '../../meta/names.ts';
import { compareQuantities } from '../../meta/quantity-arithmetic.ts';
import type { Quantity } from '../../meta/quantity.ts';
import { formatQuantity, milliUnits, parseQuantity, QuantityError, wholeUnits } from '../../meta/quantity.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { ResourceClaim, ResourceRequirements } from '../../types/core-v1.ts';
import {
  hugePageSize,
  isContainerResource,
  isCounted,
  isExtendedResource,
  isHugePages,
  isNativeResource,
  isStandardResource,
  mayOvercommit,
} from '../resource-names.ts';

export type ResourceList = Readonly<Record<string, string>>;

type NameRule = (name: string, field: string) => Generator<FieldError>;

/** A quantity that cannot be read gives one error, and undefined. */
export function* readQuantity(text: string, field: string): Generator<FieldError, Quantity | undefined> {
  try {
    return parseQuantity(text);
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    yield invalid(field, text, error.message);
    return undefined;
  }
}

export function* validateContainerResources(
  resources: ResourceRequirements | undefined,
  claimNames: ReadonlySet<string>,
  field: string,
): Generator<FieldError> {
  if (resources === undefined) return;
  yield* validateRequirements(resources, validateContainerResourceName, field);
  yield* validateClaims(resources.claims ?? [], claimNames, `${field}.claims`);
}

/** Resources of the whole pod: only those that containers can share. */
export function* validatePodLevelResources(resources: ResourceRequirements, field: string): Generator<FieldError> {
  if (resources.claims !== undefined)
    yield forbidden(`${field}.claims`, 'claims cannot be set for Resources at pod-level');
  yield* validateRequirements(resources, validatePodResourceName, field);
}

export function* validateOverhead(overhead: ResourceList | undefined, field: string): Generator<FieldError> {
  if (overhead !== undefined) yield* validateRequirements({ limits: overhead }, validateContainerResourceName, field);
}

/** Checks an amount of a resource: not negative, whole where only whole numbers make sense. */
export function* validateAmount(
  name: string,
  text: string,
  field: string,
): Generator<FieldError, Quantity | undefined> {
  const quantity = yield* readQuantity(text, field);
  if (quantity === undefined) return undefined;
  if (quantity.nanos < 0n) yield invalid(field, formatQuantity(quantity), 'must be greater than or equal to 0');
  if (isCounted(name) && milliUnits(quantity) % 1000 !== 0) yield invalid(field, text, 'must be an integer');
  return quantity;
}

function* validateRequirements(
  { limits = {}, requests = {} }: ResourceRequirements,
  validateResourceName: NameRule,
  field: string,
): Generator<FieldError> {
  let areSound = true;
  for (const [name, text] of Object.entries(limits)) {
    const path = `${field}.limits[${name}]`;
    const problems = [...validateResourceName(name, path), ...validateResource(name, text, path)];
    areSound &&= problems.length === 0;
    yield* problems;
  }
  for (const [name, text] of Object.entries(requests)) {
    if (areSound && limits[name] === text) continue;
    const path = `${field}.requests[${name}]`;
    yield* validateResourceName(name, path);
    const request = yield* validateResource(name, text, path);
    if (request !== undefined) yield* validateAgainstLimit({ name, request, limit: limits[name] }, field);
  }
  if (lacksCompany(limits, requests)) yield forbidden(field, 'HugePages require cpu or memory');
}

function lacksCompany(limits: ResourceList, requests: ResourceList): boolean {
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  return names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory');
}

function* validateResource(name: string, text: string, field: string): Generator<FieldError, Quantity | undefined> {
  const quantity = yield* validateAmount(name, text, field);
  if (quantity !== undefined && isHugePages(name) && !isWholePages(name, quantity)) {
    const amount = formatQuantity(quantity);
    yield invalid(field, amount, `${amount} is not positive integer multiple of ${name}`);
  }
  return quantity;
}

type Demand = { readonly name: string; readonly request: Quantity; readonly limit: string | undefined };

function* validateAgainstLimit({ name, request, limit }: Demand, field: string): Generator<FieldError> {
  if (limit === undefined) {
    if (!mayOvercommit(name)) yield required(`${field}.limits`, 'Limit must be set for non overcommitable resources');
    return;
  }
  const bound = tryParse(limit);
  const order = bound === undefined ? 0 : compareQuantities(request, bound);
  if (bound === undefined || order === 0) return;
  const { relation, isBroken } = mayOvercommit(name)
    ? { relation: 'less than or equal to', isBroken: order > 0 }
    : { relation: 'equal to', isBroken: true };
  if (isBroken)
    yield invalid(
      `${field}.requests`,
      formatQuantity(request),
      `must be ${relation} ${name} limit of ${formatQuantity(bound)}`,
    );
}

function isWholePages(name: string, quantity: Quantity): boolean {
  const page = tryParse(hugePageSize(name));
  if (page === undefined || page.nanos <= 0n || milliUnits(page) % 1000 !== 0) return false;
  return wholeUnits(quantity) % wholeUnits(page) === 0;
}

function tryParse(text: string): Quantity | undefined {
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

/** Refuses names that are no resource at all; tells whether the name is well-formed. */
export function* validateResourceNameForm(name: string, field: string): Generator<FieldError, boolean> {
  const problems = checkQualifiedName(name);
  for (const problem of problems) yield invalid(field, name, problem);
  if (problems.length > 0) return false;
  if (name.includes('/') || isStandardResource(name)) return true;
  yield invalid(field, name, 'must be a standard resource type or fully qualified');
  return false;
}

export function* validateContainerResourceName(name: string, field: string): Generator<FieldError> {
  yield* validateResourceNameForm(name, field);
  if (!name.includes('/')) {
    if (!isContainerResource(name)) yield invalid(field, name, 'must be a standard resource for containers');
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    yield invalid(field, name, "doesn't follow extended resource name standard");
  }
}

/** The resources that can be set for a pod as a whole. */
export const isPodLevelResource = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

function* validatePodResourceName(name: string, field: string): Generator<FieldError> {
  const isWellFormed = yield* validateResourceNameForm(name, field);
  if (isWellFormed && !isPodLevelResource(name)) yield notSupported(field, name, ['cpu', 'hugepages-', 'memory']);
}

function* validateClaims(
  claims: readonly ResourceClaim[],
  known: ReadonlySet<string>,
  field: string,
): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const path = `${field}[${index}]`;
    if (claim.name === '') yield required(path);
    else yield* validateClaim(claim, seen, path);
    if (claim.name !== '' && !known.has(claim.name)) yield unknownClaim(claim.name, known, path);
  }
}

function* validateClaim(
  { name, request = '' }: ResourceClaim,
  seen: Set<string>,
  field: string,
): Generator<FieldError> {
  if (seen.has(name)) {
    yield duplicate(field, name);
    return;
  }
  if (request !== '') yield* validateName(request, checkDnsLabel, `${field}.request`);
  const key = request === '' ? name : `${name}/${request}`;
  const overlaps = request === '' ? [...seen].some((other) => other.startsWith(`${name}/`)) : seen.has(key);
  if (overlaps) yield duplicate(field, key);
  seen.add(key);
}

function unknownClaim(name: string, known: ReadonlySet<string>, field: string): FieldError {
  const listed = known.size === 0 ? ' which is empty' : `: ${[...known].toSorted().join(', ')}`;
  return {
    type: 'FieldValueNotFound',
    field,
    message: `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${listed}`,
  };
}
