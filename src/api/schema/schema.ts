/** The schema table, compiled for lookups: messages by name or by kind, and their fields as JSON shows them. */
import { FORMER_MESSAGES } from './former-messages.ts';
import { alwaysPresent } from './presence.ts';
import { SCHEDULER_CONFIG_MESSAGES } from './scheduler-config-messages.ts';
import table from './table.generated.json' with { type: 'json' };
import type { FieldEntry, MessageEntry, Scalar, SchemaTable, SpecialForm } from './table.ts';

export type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string };

/** A field as the table has it; what the table leaves out is false or undefined. */
export type FieldSchema = {
  /** The JSON name; for an inline field the protobuf name. */
  readonly name: string;
  /** Protobuf field number; 0 for the few fields that exist in JSON only. */
  readonly number: number;
  readonly list: boolean;
  readonly map: boolean;
  readonly required: boolean;
  readonly pointer: boolean;
  readonly inline: boolean;
  /** A decoded object has the field even when the client did not send it. */
  readonly filledIn: boolean;
  /** Of the value, or of a list's or map's values; absent when that is a message. */
  readonly scalar: Scalar | undefined;
  readonly message: MessageSchema | undefined;
  readonly alwaysWritten: boolean;
  readonly atomic: boolean;
  readonly goType: string | undefined;
  readonly default: unknown;
  readonly enum: readonly string[] | undefined;
  readonly listType: 'atomic' | 'map' | 'set' | undefined;
  readonly listMapKeys: readonly string[] | undefined;
  readonly patchStrategy: string | undefined;
  readonly patchMergeKey: string | undefined;
};

export type MessageSchema = {
  /** Full protobuf name: `k8s.io.api.apps.v1.Deployment`. */
  readonly name: string;
  /** Go's name, which error messages print: `v1.Deployment`. */
  readonly goType: string;
  readonly kind: GroupVersionKind | undefined;
  readonly special: SpecialForm | undefined;
  /** In JSON the message is the array of its only field. */
  readonly isListWrapper: boolean;
  /** Server-side apply replaces the message whole. */
  readonly atomic: boolean;
  /** By JSON name, inline messages flattened; a kind's `apiVersion` and `kind` included. */
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** As protobuf has them: inline messages are fields of their own. */
  readonly protobufFields: readonly FieldSchema[];
};

const entries: SchemaTable['messages'] = { ...(table as unknown as SchemaTable).messages, ...FORMER_MESSAGES };
const messages = new Map<string, MessageSchema>();
let namesByKind: ReadonlyMap<string, string> | undefined;

/** Throws for a name that is not in the table. */
export function messageSchema(name: string): MessageSchema {
  const known = messages.get(name);
  if (known !== undefined) return known;
  const entry = Object.hasOwn(entries, name) ? entries[name] : SCHEDULER_CONFIG_MESSAGES[name];
  if (entry === undefined) throw new RangeError(`Cannot find message ${name}: the schema table does not have it`);
  const schema = new Message(name, entry);
  messages.set(name, schema);
  return schema;
}

export function schemaFor(kind: GroupVersionKind): MessageSchema | undefined {
  namesByKind ??= new Map(
    Object.entries(entries).flatMap(([name, entry]) =>
      // Upstream's list of anything exists in two packages; clients mean the core one.
      entry.kind === undefined || name === `${META}.List` ? [] : [[entry.kind.join(' '), name]],
    ),
  );
  if (KINDS_OF_EVERY_GROUP.has(kind.kind)) return messageSchema(`${META}.${kind.kind}`);
  const version = SAME_FORM.get(`${kind.group}/${kind.version}`) ?? kind.version;
  const name = namesByKind.get(`${kind.group} ${version} ${kind.kind}`);
  return name === undefined ? undefined : messageSchema(name);
}

// Versions that differ from another in name only, and whose interface definitions upstream has removed.
const SAME_FORM: ReadonlyMap<string, string> = new Map([['autoscaling/v2beta2', 'v2']]);

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
// Upstream knows these under every group and version, and typed clients name the one they are built for.
const KINDS_OF_EVERY_GROUP: ReadonlySet<string> = new Set([
  'CreateOptions',
  'DeleteOptions',
  'GetOptions',
  'ListOptions',
  'PatchOptions',
  'UpdateOptions',
  'WatchEvent',
]);

/** Every message of the table, by full name. */
export function allMessageNames(): readonly string[] {
  return Object.keys(entries);
}

class Message implements MessageSchema {
  readonly name: string;
  readonly goType: string;
  readonly kind: GroupVersionKind | undefined;
  readonly special: SpecialForm | undefined;
  readonly isListWrapper: boolean;
  readonly atomic: boolean;
  readonly protobufFields: readonly FieldSchema[];
  #fields: ReadonlyMap<string, FieldSchema> | undefined;

  constructor(name: string, entry: MessageEntry) {
    const [group, version, kind] = entry.kind ?? [];
    this.name = name;
    this.goType = name.split('.').slice(-2).join('.');
    this.kind =
      group === undefined || version === undefined || kind === undefined ? undefined : { group, version, kind };
    this.special = entry.special;
    this.isListWrapper = entry.listWrapper === true;
    this.atomic = entry.atomic === true;
    this.protobufFields = Object.entries(entry.fields).map(([fieldName, field]) => new Field(fieldName, field));
  }

  get fields(): ReadonlyMap<string, FieldSchema> {
    this.#fields ??= new Map([...(this.kind === undefined ? [] : TYPE_META), ...flatten(this.protobufFields)]);
    return this.#fields;
  }
}

function flatten(fields: readonly FieldSchema[]): (readonly [string, FieldSchema])[] {
  return fields.flatMap((field) =>
    field.inline && field.message !== undefined ? [...field.message.fields] : [[field.name, field] as const],
  );
}

// Every field has all properties, in one order: decoding reads them for every value it sees.
class Field implements FieldSchema {
  readonly name: string;
  readonly number: number;
  readonly list: boolean;
  readonly map: boolean;
  readonly required: boolean;
  readonly pointer: boolean;
  readonly inline: boolean;
  readonly filledIn: boolean;
  readonly scalar: Scalar | undefined;
  readonly alwaysWritten: boolean;
  readonly atomic: boolean;
  readonly goType: string | undefined;
  readonly default: unknown;
  readonly enum: readonly string[] | undefined;
  readonly listType: 'atomic' | 'map' | 'set' | undefined;
  readonly listMapKeys: readonly string[] | undefined;
  readonly patchStrategy: string | undefined;
  readonly patchMergeKey: string | undefined;
  readonly #type: string;
  #message: MessageSchema | undefined;

  constructor(name: string, entry: FieldEntry) {
    this.name = name;
    this.number = entry.number;
    this.list = entry.list === true;
    this.map = entry.map === true;
    this.required = entry.required === true;
    this.pointer = entry.pointer === true;
    this.inline = entry.inline === true;
    this.scalar = entry.type.includes('.') ? undefined : (entry.type as Scalar);
    this.alwaysWritten = entry.alwaysWritten === true;
    this.filledIn = isFilledIn(name, entry);
    this.atomic = entry.atomic === true;
    this.goType = entry.goType;
    this.default = entry.default;
    this.enum = entry.enum;
    this.listType = entry.listType;
    this.listMapKeys = entry.listMapKeys;
    this.patchStrategy = entry.patchStrategy;
    this.patchMergeKey = entry.patchMergeKey;
    this.#type = entry.type;
  }

  /** Resolved when first asked: messages refer to each other in circles. */
  get message(): MessageSchema | undefined {
    if (this.scalar !== undefined) return undefined;
    this.#message ??= messageSchema(this.#type);
    return this.#message;
  }
}

function isFilledIn(name: string, entry: FieldEntry): boolean {
  if (entry.pointer === true) return false;
  const isScalar = entry.list !== true && entry.map !== true && !entry.type.includes('.');
  return alwaysPresent(name, entry) || (isScalar && entry.alwaysWritten === true);
}

const TYPE_META: readonly (readonly [string, FieldSchema])[] = ['kind', 'apiVersion'].map((name) => [
  name,
  new Field(name, { number: 0, type: 'string' }),
]);
