/** A structural schema in the form of the schema table: what server-side apply reads of a kind. */
import type { FieldSchema, GroupVersionKind, MessageSchema } from '../schema/schema.ts';
import { messageSchema } from '../schema/schema.ts';
import type { Scalar } from '../schema/table.ts';
import type { StructuralSchema } from './schema/structural.ts';

const OBJECT_META = 'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const INT_OR_STRING = 'k8s.io.apimachinery.pkg.util.intstr.IntOrString';

/** The whole object of a kind. */
export function customMessage(schema: StructuralSchema, kind: GroupVersionKind): MessageSchema {
  return new CustomMessage({ ...schema, embedded: true }, kind);
}

class CustomMessage implements MessageSchema {
  readonly name: string;
  readonly goType: string;
  readonly kind: GroupVersionKind | undefined;
  readonly special = undefined;
  readonly isListWrapper = false;
  readonly atomic: boolean;
  readonly protobufFields = [];
  readonly #schema: StructuralSchema;
  #fields: ReadonlyMap<string, FieldSchema> | undefined;

  constructor(schema: StructuralSchema, kind?: GroupVersionKind) {
    this.name = kind?.kind ?? '';
    this.goType = this.name;
    this.kind = kind;
    this.atomic = schema.atomic;
    this.#schema = schema;
  }

  /** Made when first asked: most parts of most schemas never are. */
  get fields(): ReadonlyMap<string, FieldSchema> {
    this.#fields ??= fieldsOf(this.#schema);
    return this.#fields;
  }
}

function fieldsOf({ properties, preserve, embedded }: StructuralSchema): ReadonlyMap<string, FieldSchema> {
  const named = [...properties].map(([name, part]) => [name, fieldOf(name, part)] as const);
  const fields = new Map([...named, ...(embedded ? OBJECT_FIELDS : [])]);
  return preserve ? new OpenFields(fields) : fields;
}

/** Knows every name: what the schema does not describe is owned whole. */
class OpenFields extends Map<string, FieldSchema> {
  override get(name: string): FieldSchema {
    return super.get(name) ?? field({ name, ...ANYTHING });
  }
}

type Content = Pick<FieldSchema, 'scalar' | 'message'>;

const ANYTHING: Content = { scalar: 'any', message: undefined };

function field(given: Partial<FieldSchema> & Content & { readonly name: string }): FieldSchema {
  return {
    number: 0,
    list: false,
    map: false,
    required: false,
    pointer: true,
    inline: false,
    filledIn: false,
    alwaysWritten: false,
    atomic: false,
    goType: undefined,
    default: undefined,
    enum: undefined,
    listType: undefined,
    listMapKeys: undefined,
    patchStrategy: undefined,
    patchMergeKey: undefined,
    ...given,
  };
}

const OBJECT_FIELDS: readonly (readonly [string, FieldSchema])[] = [
  ['apiVersion', field({ name: 'apiVersion', scalar: 'string', message: undefined })],
  ['kind', field({ name: 'kind', scalar: 'string', message: undefined })],
  ['metadata', field({ name: 'metadata', scalar: undefined, message: messageSchema(OBJECT_META) })],
];

function fieldOf(name: string, schema: StructuralSchema): FieldSchema {
  const { atomic, default: preset, items, additional } = schema;
  const common = { name, default: preset, atomic };
  if (schema.type === 'array') {
    const { listType, listMapKeys } = schema;
    const relation = listType === 'set' || listType === 'map' ? listType : 'atomic';
    return field({ ...common, ...contentOf(items), list: true, listType: relation, listMapKeys });
  }
  if (typeof additional === 'object') return field({ ...common, ...contentOf(additional), map: true });
  return field({ ...common, ...contentOf(schema) });
}

const SCALARS: Readonly<Record<string, Scalar>> = {
  string: 'string',
  integer: 'int64',
  number: 'double',
  boolean: 'bool',
};

/** Lists in lists and maps in maps are owned whole. */
function contentOf(schema: StructuralSchema | undefined): Content {
  if (schema === undefined) return ANYTHING;
  if (schema.intOrString) return { scalar: undefined, message: messageSchema(INT_OR_STRING) };
  const scalar = SCALARS[schema.type];
  if (scalar !== undefined) return { scalar, message: undefined };
  if (schema.type !== 'object' || schema.additional !== undefined) return ANYTHING;
  return { scalar: undefined, message: new CustomMessage(schema) };
}
