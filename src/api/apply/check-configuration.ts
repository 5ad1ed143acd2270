/** Finds what makes an applied configuration none of its kind: unknown fields, values of the wrong type, items named twice. Pure. */
import { isExactInteger } from '../meta/exact-integer.ts';
import { isJsonObject, type JsonObject } from '../meta/json-value.ts';
import { formatGo } from '../schema/go-format.ts';
import type { ApplyType, ListType, MapType, ScalarType, StructType } from './apply-type.ts';
import { partTypeOf } from './collect-fields.ts';
import { elementOf } from './list-items.ts';
import { describeElement, fieldElement } from './path-element.ts';

/** What is wrong, in upstream's words; undefined when nothing is. */
export function checkConfiguration(type: ApplyType, configuration: JsonObject): string | undefined {
  const problems = [...check(type, configuration)];
  if (problems.length <= 1) return problems[0];
  return ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n');
}

function* check(type: ApplyType, value: unknown): Generator<string> {
  if (value === null || value === undefined) return;
  switch (type.shape) {
    case 'scalar':
      yield* checkScalar(type, value);
      break;
    case 'raw':
      break;
    case 'list':
      yield* Array.isArray(value) ? checkItems(type, value) : [`expected list, got ${shown(value)}`];
      break;
    case 'struct':
    case 'map':
      yield* isJsonObject(value) ? checkEntries(type, value) : [`expected map, got ${shown(value)}`];
  }
}

function* checkEntries(type: StructType | MapType, value: JsonObject): Generator<string> {
  for (const [name, part] of Object.entries(value)) {
    const partType = partTypeOf(type, name);
    const element = fieldElement(name);
    if (partType !== undefined) yield* below(element, check(partType, part));
    else {
      yield `${describeElement(element)}: field not declared in schema`;
      return;
    }
  }
}

function* checkItems(type: ListType, list: readonly unknown[]): Generator<string> {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const element = type.relation === 'atomic' ? `i:${index}` : elementOf(type, item);
    if (typeof element !== 'string') {
      yield `: element ${index}: ${element.problem}`;
      return;
    }
    if (seen.has(element)) yield `: duplicate entries for key ${describeElement(element)}`;
    seen.add(element);
    yield* below(element, check(type.items, item));
  }
}

/** Problems of a part, with the part's name before them. */
function* below(element: string, problems: Iterable<string>): Generator<string> {
  for (const problem of problems) {
    const joint = /^[.[:]/.test(problem) ? '' : ': ';
    yield `${describeElement(element)}${joint}${problem}`;
  }
}

function* checkScalar({ values }: ScalarType, value: unknown): Generator<string> {
  switch (values) {
    case 'numeric':
      if (typeof value !== 'number' && !isExactInteger(value))
        yield `expected numeric (int or float), got ${goTypeOf(value)}`;
      break;
    case 'string':
      if (typeof value !== 'string') yield `expected string, got &value.valueUnstructured{Value:${formatGo(value)}}`;
      break;
    case 'boolean':
      if (typeof value !== 'boolean') yield `expected boolean, got ${shown(value)}`;
      break;
    case 'untyped':
      if (typeof value === 'object' && !isExactInteger(value)) yield `expected any scalar, got ${shown(value)}`;
  }
}

const shown = (value: unknown): string => `&{${formatGo(value)}}`;

function goTypeOf(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
