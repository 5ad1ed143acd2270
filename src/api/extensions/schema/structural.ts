/** A structural schema, compiled once for the walks that fill in, prune and check the objects of a custom kind. */
import type { JsonObject } from '../../meta/json-value.ts';
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts';

export type StructuralSchema = {
  /** Empty when any type will do. */
  readonly type: string;
  readonly nullable: boolean;
  /** Fields that the schema does not name are kept. */
  readonly preserve: boolean;
  /** An object of some kind of its own, with apiVersion, kind and metadata. */
  readonly embedded: boolean;
  readonly intOrString: boolean;
  /** Server-side apply replaces the object whole. */
  readonly atomic: boolean;
  readonly default: unknown;
  readonly properties: ReadonlyMap<string, StructuralSchema>;
  /** The names of the properties that have a default. */
  readonly defaulted: readonly string[];
  readonly additional: StructuralSchema | boolean | undefined;
  readonly items: StructuralSchema | undefined;
  readonly listType: string | undefined;
  readonly listMapKeys: readonly string[];
  /** Whether lists with unique entries or embedded objects are anywhere below. */
  readonly hasLists: boolean;
  readonly rules: Rules;
};

/** What the schema asks of values beyond their structure. */
export type Rules = Pick<
  JSONSchemaProps,
  | 'minimum'
  | 'exclusiveMinimum'
  | 'maximum'
  | 'exclusiveMaximum'
  | 'multipleOf'
  | 'minLength'
  | 'maxLength'
  | 'pattern'
  | 'format'
  | 'minItems'
  | 'maxItems'
  | 'minProperties'
  | 'maxProperties'
> & {
  readonly required: readonly string[];
  readonly enum: readonly unknown[] | undefined;
  readonly allOf: readonly StructuralSchema[];
  readonly anyOf: readonly StructuralSchema[];
  readonly oneOf: readonly StructuralSchema[];
  readonly not: StructuralSchema | undefined;
};

const compiled = new WeakMap<JSONSchemaProps, StructuralSchema>();

/** Expects a schema that validation let through. Schemas of frozen definitions are compiled once. */
export function compileSchema(schema: JSONSchemaProps): StructuralSchema {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = compile(schema);
  compiled.set(schema, made);
  return made;
}

function compile(schema: JSONSchemaProps): StructuralSchema {
  const properties = new Map(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, compile(part)]));
  const additional = compileAdditional(schema.additionalProperties);
  const items = schema.items === undefined || isList(schema.items) ? undefined : compile(schema.items);
  const marks = compileMarks(schema);
  const below = [...properties.values(), items, typeof additional === 'object' ? additional : undefined];
  return {
    ...marks,
    type: schema.type ?? '',
    nullable: schema.nullable === true,
    default: schema.default ?? undefined,
    properties,
    defaulted: [...properties].filter(([, part]) => part.default !== undefined).map(([name]) => name),
    additional,
    items,
    hasLists: isChecked(marks) || below.some((part) => part !== undefined && part.hasLists),
    rules: compileRules(schema),
  };
}

type Marks = Pick<StructuralSchema, 'preserve' | 'embedded' | 'intOrString' | 'atomic' | 'listType' | 'listMapKeys'>;

function compileMarks(schema: JSONSchemaProps): Marks {
  return {
    preserve: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: schema['x-kubernetes-embedded-resource'] === true,
    intOrString: schema['x-kubernetes-int-or-string'] === true,
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    listType: schema['x-kubernetes-list-type'],
    listMapKeys: schema['x-kubernetes-list-map-keys'] ?? [],
  };
}

function isChecked({ embedded, listType }: Marks): boolean {
  return embedded || listType === 'set' || listType === 'map';
}

function isList(items: NonNullable<JSONSchemaProps['items']>): items is readonly JSONSchemaProps[] {
  return Array.isArray(items);
}

function compileAdditional(given: JSONSchemaProps['additionalProperties']): StructuralSchema['additional'] {
  return typeof given === 'object' ? compile(given) : given;
}

function compileRules(schema: JSONSchemaProps): Rules {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  return {
    ...pickRules(schema),
    required: schema.required ?? [],
    enum: schema.enum,
    allOf: allOf.map(compile),
    anyOf: anyOf.map(compile),
    oneOf: oneOf.map(compile),
    not: not === undefined ? undefined : compile(not),
  };
}

const SIMPLE_RULES = [
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const satisfies readonly (keyof JSONSchemaProps)[];

function pickRules(schema: JSONSchemaProps): Pick<JSONSchemaProps, (typeof SIMPLE_RULES)[number]> {
  const given: JsonObject = schema;
  return Object.fromEntries(
    SIMPLE_RULES.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
}
