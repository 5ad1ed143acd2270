/** Checks an object against a structural schema, in upstream's words and order. */
import type { FieldError } from '../../meta/field-error.ts';
import { isNumber } from '../../meta/exact-integer.ts';
import { equalJson, isJsonObject, type JsonObject } from '../../meta/json-value.ts';
import { checkFormat, checkNumber, checkString } from './check-scalars.ts';
import { Findings, MAX_STEPS } from './findings.ts';
import type { StructuralSchema } from './structural.ts';

/** `path` is where the value stands in its object: empty for the object itself, `status` for a part. */
export function checkValue(schema: StructuralSchema, value: unknown, path = ''): readonly FieldError[] {
  const findings = new Findings({ steps: 0 });
  check(schema, value, { path, findings });
  if (findings.budget.steps > MAX_STEPS) {
    findings.whole(`more than ${MAX_STEPS} checks are needed to validate the object`);
  }
  return findings.errors;
}

type Place = { readonly path: string; readonly findings: Findings };

function check(schema: StructuralSchema, value: unknown, place: Place): void {
  if (!place.findings.step()) return;
  checkType(schema, value, place);
  if (value === null) return checkEnum(schema, value, place);
  checkCombinations(schema, value, place);
  if (typeof value === 'string') {
    checkString(schema, value, place);
    checkFormat(schema, value, place);
  } else if (isNumber(value)) checkNumber(schema, value, place);
  else if (Array.isArray(value)) checkItems(schema, value, place);
  checkEnum(schema, value, place);
  if (isJsonObject(value)) checkFields(schema, value, place);
}

function checkType(schema: StructuralSchema, value: unknown, { path, findings }: Place): void {
  const expected = schema.intOrString ? ['integer', 'string'] : schema.type === '' ? [] : [schema.type];
  if (expected.length === 0 || (value === null && schema.nullable)) return;
  const actual = typeOf(value);
  const fits = expected.includes(actual) || (actual === 'integer' && expected.includes('number'));
  if (!fits) findings.wrongType(path, actual, expected.join(','));
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isNumber(value)) return Number.isInteger(Number(value)) ? 'integer' : 'number';
  return typeof value;
}

function checkEnum({ rules }: StructuralSchema, value: unknown, { path, findings }: Place): void {
  if (rules.enum === undefined || rules.enum.length === 0) return;
  // Upstream never finds null among the values, even where it is one of them.
  if (value !== null && rules.enum.some((allowed) => equalJson(allowed, value))) return;
  findings.notOneOf(path, value, rules.enum);
}

function checkItems({ items, rules }: StructuralSchema, list: readonly unknown[], { path, findings }: Place): void {
  if (items !== undefined) {
    for (const [index, item] of list.entries()) check(items, item, { path: `${path}[${index}]`, findings });
  }
  const { minItems, maxItems } = rules;
  if (minItems !== undefined && list.length < minItems) {
    findings.breaks(path, list.length, `have at least ${minItems} items`);
  }
  if (maxItems !== undefined && list.length > maxItems) {
    findings.tooMany(path, { actual: list.length, max: maxItems });
  }
}

function checkFields(schema: StructuralSchema, object: JsonObject, place: Place): void {
  const { path, findings } = place;
  const { minProperties, maxProperties, required } = schema.rules;
  const names = Object.keys(object);
  if (minProperties !== undefined && names.length < minProperties) {
    findings.breaks(path, names.length, `have at least ${minProperties} properties`);
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    findings.tooMany(path, { actual: names.length, max: maxProperties });
  }
  checkAdditional(schema, object, place);
  for (const [name, part] of schema.properties) {
    if (Object.hasOwn(object, name)) check(part, object[name], { path: join(path, name), findings });
  }
  for (const name of required) if (!Object.hasOwn(object, name)) findings.missing(`${path}.${name}`);
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function checkAdditional(
  { additional, properties }: StructuralSchema,
  object: JsonObject,
  { path, findings }: Place,
): void {
  if (additional === undefined || additional === true) return;
  for (const name of Object.keys(object)) {
    if (properties.has(name)) continue;
    if (additional === false) findings.forbiddenField(path, name);
    else check(additional, object[name], { path: `${path}.${name}`, findings });
  }
}

function checkCombinations({ rules }: StructuralSchema, value: unknown, place: Place): void {
  if (rules.anyOf.length > 0) checkAnyOf(rules.anyOf, value, place);
  if (rules.oneOf.length > 0) checkOneOf(rules.oneOf, value, place);
  if (rules.allOf.length > 0) checkAllOf(rules.allOf, value, place);
  if (rules.not !== undefined && attempt(rules.not, value, place).errors.length === 0) {
    place.findings.whole(`${JSON.stringify(place.path)} must not validate the schema (not)`);
  }
}

function attempt(schema: StructuralSchema, value: unknown, { path, findings }: Place): Findings {
  const branch = findings.branch();
  check(schema, value, { path, findings: branch });
  return branch;
}

function checkAnyOf(schemas: readonly StructuralSchema[], value: unknown, place: Place): void {
  const failures: Findings[] = [];
  for (const schema of schemas) {
    const branch = attempt(schema, value, place);
    if (branch.errors.length === 0) return place.findings.merge(branch);
    failures.push(branch);
  }
  place.findings.whole(`${JSON.stringify(place.path)} must validate at least one schema (anyOf)`);
  mergeClosest(failures, place);
}

function checkOneOf(schemas: readonly StructuralSchema[], value: unknown, place: Place): void {
  const branches = schemas.map((schema) => attempt(schema, value, place));
  const valid = branches.filter(({ errors }) => errors.length === 0);
  const [first] = valid;
  if (valid.length === 1 && first !== undefined) return place.findings.merge(first);
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  place.findings.whole(`${JSON.stringify(place.path)} must validate one and only one schema (oneOf). ${found}`);
  if (valid.length === 0) mergeClosest(branches, place);
}

/** Of alternatives that all failed, what is wrong with the one that fits best is told. */
function mergeClosest(failures: readonly Findings[], { findings }: Place): void {
  const closest = failures.reduce<Findings | undefined>(
    (best, next) => (best === undefined || next.matches > best.matches ? next : best),
    undefined,
  );
  if (closest !== undefined) findings.merge(closest);
}

function checkAllOf(schemas: readonly StructuralSchema[], value: unknown, place: Place): void {
  const branches = schemas.map((schema) => attempt(schema, value, place));
  for (const branch of branches) place.findings.merge(branch);
  const valid = branches.filter(({ errors }) => errors.length === 0).length;
  if (valid === schemas.length) return;
  const none = valid === 0 ? '. None validated' : '';
  place.findings.whole(`${JSON.stringify(place.path)} must validate all the schemas (allOf)${none}`);
}
