/** Validates the devices that a driver publishes, and drops what belongs to features that are off by default. */
import { invalid, invalidAsWhole, tooLong, type FieldError } from '../meta/field-error.ts';
import { byteLength, checkDnsLabel } from '../meta/names.ts';
import { parseQuantity, QuantityError } from '../meta/quantity.ts';
import { parseSemver } from '../meta/semver.ts';
import { validateName } from '../meta/validate-labels.ts';
import type { Device, DeviceAttribute, DeviceCapacity } from '../types/resource-v1.ts';
import { MAX_ATTRIBUTE_LENGTH, MAX_ATTRIBUTES_AND_CAPACITIES } from './limits.ts';
import { validateQualifiedName } from './names.ts';

export function* validateDevice(
  { name, attributes = {}, capacity = {} }: Device,
  field: string,
): Generator<FieldError> {
  yield* validateName(name, checkDnsLabel, `${field}.name`);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_ATTRIBUTES_AND_CAPACITIES)
    yield invalid(
      field,
      count,
      `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES_AND_CAPACITIES}`,
    );
  for (const [key, attribute] of Object.entries(attributes)) {
    yield* validateQualifiedName(key, `${field}.attributes`);
    yield* validateAttribute(attribute, `${field}.attributes[${key}]`);
  }
  for (const [key, { value }] of Object.entries(capacity)) {
    yield* validateQualifiedName(key, `${field}.capacity`);
    yield* validateAmount(value, `${field}.capacity[${key}].value`);
  }
}

function* validateAttribute(attribute: DeviceAttribute, field: string): Generator<FieldError> {
  const { string, version } = attribute;
  if (string !== undefined && byteLength(string) > MAX_ATTRIBUTE_LENGTH)
    yield tooLong(`${field}.string`, MAX_ATTRIBUTE_LENGTH);
  if (version !== undefined && parseSemver(version) === undefined)
    yield invalid(`${field}.version`, version, 'must be a string compatible with semver.org spec 2.0.0');
  if (version !== undefined && byteLength(version) > MAX_ATTRIBUTE_LENGTH)
    yield tooLong(`${field}.version`, MAX_ATTRIBUTE_LENGTH);
  const values = VALUES.filter((name) => attribute[name] !== undefined).length;
  if (values === 0) yield invalid(field, '', 'exactly one value must be specified');
  else if (values > 1) yield invalid(field, attribute, 'exactly one value must be specified');
}

const VALUES = ['bool', 'int', 'string', 'version'] as const;

function* validateAmount(value: string, field: string): Generator<FieldError> {
  try {
    parseQuantity(value);
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    yield invalidAsWhole(field, error.message);
  }
}

/** What is left of a device: a name, attributes of one value, and capacity. */
export function plainDevice({ name, attributes, capacity }: Device): Device {
  return {
    name,
    ...(attributes === undefined ? {} : { attributes: mapped(attributes, plainAttribute) }),
    ...(capacity === undefined ? {} : { capacity: mapped(capacity, ({ value }): DeviceCapacity => ({ value })) }),
  };
}

function plainAttribute({ bool, int, string, version }: DeviceAttribute): DeviceAttribute {
  return {
    ...(bool === undefined ? {} : { bool }),
    ...(int === undefined ? {} : { int }),
    ...(string === undefined ? {} : { string }),
    ...(version === undefined ? {} : { version }),
  };
}

function mapped<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
