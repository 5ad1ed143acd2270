/** Selects devices by expressions over their driver, attributes and capacity. */
import type { Bound } from '../cel/bounds.ts';
import { celEnvironment } from '../cel/environment.ts';
import { CelError, CelSyntaxError } from '../cel/error.ts';
import { celQuantity, QUANTITIES } from '../cel/library/quantities.ts';
import { STANDARD } from '../cel/library/standard.ts';
import { celSemver, VERSIONS } from '../cel/library/versions.ts';
import { compileProgram, type CelProgram } from '../cel/program.ts';
import { ANY, BOOL, mapOf, objectOf, simpleType } from '../cel/types.ts';
import { RecordMap, type CelValue } from '../cel/values.ts';
import { forbidden, invalid, required, tooLong, type FieldError } from '../meta/field-error.ts';
import { byteLength } from '../meta/names.ts';
import type { Device, DeviceAttribute, DeviceSelector } from '../types/resource-v1.ts';
import {
  MAX_ATTRIBUTES_AND_CAPACITIES,
  MAX_ATTRIBUTE_LENGTH,
  MAX_DOMAIN_LENGTH,
  MAX_EXPRESSION_COST,
  MAX_EXPRESSION_LENGTH,
  MAX_IDENTIFIER_LENGTH,
} from './limits.ts';
import { fullyQualified } from './names.ts';

const STRING = simpleType('string');
const DEVICE = objectOf('kubernetes.DRADevice', {
  driver: STRING,
  attributes: mapOf(STRING, mapOf(STRING, ANY)),
  capacity: mapOf(STRING, mapOf(STRING, simpleType('kubernetes.Quantity'))),
});
const inDomains = (items: Bound): Bound => ({
  max: MAX_ATTRIBUTES_AND_CAPACITIES,
  keys: { max: MAX_DOMAIN_LENGTH },
  items: { max: MAX_ATTRIBUTES_AND_CAPACITIES, keys: { max: MAX_IDENTIFIER_LENGTH }, items },
});
const BOUNDS = {
  device: {
    max: 1,
    fields: {
      driver: { max: MAX_DOMAIN_LENGTH },
      attributes: inDomains({ max: MAX_ATTRIBUTE_LENGTH }),
      capacity: inDomains({ max: 1 }),
    },
  },
};
const ENVIRONMENT = celEnvironment({ device: DEVICE }, [...STANDARD, QUANTITIES, VERSIONS], BOUNDS);

export function* validateSelector({ cel }: DeviceSelector, field: string): Generator<FieldError> {
  if (cel === undefined) {
    yield required(`${field}.cel`);
    return;
  }
  const path = `${field}.cel.expression`;
  const { expression } = cel;
  if (byteLength(expression) > MAX_EXPRESSION_LENGTH) yield tooLong(path, MAX_EXPRESSION_LENGTH);
  else {
    const problem = problemOf(expression);
    if (problem !== undefined) yield invalid(path, expression, problem);
    else if (worstCostOf(expression) > MAX_EXPRESSION_COST) yield forbidden(path, 'too complex, exceeds cost limit');
  }
}

function problemOf(expression: string): string | undefined {
  try {
    const { resultType } = compile(expression);
    if (resultType === BOOL.name || resultType === ANY.name) return undefined;
    return `must evaluate to bool or the unknown type, not ${resultType}`;
  } catch (error) {
    if (error instanceof CelSyntaxError) return `compilation failed: ${error.message}`;
    throw error;
  }
}

/** Throws `CelSyntaxError`. */
export function worstCostOf(expression: string): number {
  return compile(expression).worstCost;
}

// Claims of one template have one expression. When there are more, the memory of them starts anew.
const KNOWN = 100;
const known = new Map<string, CelProgram>();

function compile(expression: string): CelProgram {
  const before = known.get(expression);
  if (before !== undefined) return before;
  const program = compileProgram(expression, ENVIRONMENT);
  if (known.size >= KNOWN) known.clear();
  known.set(expression, program);
  return program;
}

// Devices stay while pods come and go, and most pods ask the same of them.
const ANSWERS_AT_MOST = 50;
const answers = new WeakMap<Device, Map<string, boolean>>();

/** Throws `CelError` for an expression that cannot be worked out for this device, and `CelSyntaxError` for what is none. */
export function selectsDevice(expression: string, driver: string, device: Device): boolean {
  const known = answers.get(device) ?? new Map<string, boolean>();
  const before = known.get(expression);
  if (before !== undefined) return before;
  const answer = compile(expression).evaluate({ device: variableOf(driver, device) }, MAX_EXPRESSION_COST);
  if (typeof answer !== 'boolean') throw new CelError('CEL result could not be converted to bool');
  if (known.size >= ANSWERS_AT_MOST) known.clear();
  answers.set(device, known.set(expression, answer));
  return answer;
}

const variables = new WeakMap<Device, CelValue>();

function variableOf(driver: string, device: Device): CelValue {
  const before = variables.get(device);
  if (before !== undefined) return before;
  const { attributes = {}, capacity = {} } = device;
  const variable = new RecordMap({
    driver,
    attributes: byDomain(driver, attributes, attributeValue),
    capacity: byDomain(driver, capacity, ({ value }) => celQuantity(value)),
  });
  variables.set(device, variable);
  return variable;
}

const NOTHING = new RecordMap({});

/** A domain that is not there has no names: what is asked of it is missing, not the domain. */
class Domains extends RecordMap {
  override get(key: CelValue): CelValue | undefined {
    return super.get(key) ?? NOTHING;
  }
}

function byDomain<T>(driver: string, values: Readonly<Record<string, T>>, convert: (value: T) => CelValue): CelValue {
  const domains: Record<string, Record<string, CelValue>> = {};
  for (const [name, value] of Object.entries(values)) {
    const [domain = '', id = ''] = fullyQualified(name, driver).split('/');
    const names = (domains[domain] ??= {});
    names[id] = convert(value);
  }
  return new Domains(
    Object.fromEntries(Object.entries(domains).map(([domain, names]) => [domain, new RecordMap(names)])),
  );
}

function attributeValue({ string, version, bool, int }: DeviceAttribute): CelValue {
  if (version !== undefined) return celSemver(version);
  if (int !== undefined) return BigInt(String(int));
  return string ?? bool ?? null;
}
