/** Joins what the proto files and the Go files say about each message into the schema table. */
import type { FieldEntry, MessageEntry, SchemaTable } from '#api/schema/table';
import type { GoField, GoPackage, GoStruct } from './go-structs.ts';
import { JSON_ONLY_MESSAGES } from './json-only-messages.ts';
import { kindOf } from './kinds.ts';
import type { ProtoField, ProtoFile, ProtoMessage } from './proto-messages.ts';
import { NOT_IN_OBJECTS, SPECIAL_FORMS } from './special-messages.ts';

export type ParsedPackage = {
  readonly proto: ProtoFile;
  readonly go: GoPackage;
};

export function buildTable(packages: readonly ParsedPackage[]): SchemaTable {
  const messages: Record<string, MessageEntry> = {};
  for (const parsed of packages) {
    const structs = withBorrowed(parsed, packages);
    const jsonOnly = JSON_ONLY_MESSAGES.filter((message) => message.fullName.startsWith(`${parsed.proto.package}.`));
    for (const message of [...parsed.proto.messages, ...jsonOnly]) {
      const entry = messageEntry(message, { ...parsed, go: { ...parsed.go, structs } });
      if (entry !== undefined) messages[message.fullName] = entry;
    }
  }
  return { messages: Object.fromEntries(Object.entries(messages).toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

function withBorrowed({ go }: ParsedPackage, packages: readonly ParsedPackage[]): ReadonlyMap<string, GoStruct> {
  const borrowed = [...go.borrowed].flatMap(([name, { importPath, name: there }]) => {
    const struct = packages.find(({ proto }) => proto.goPackage === importPath)?.go.structs.get(there);
    return struct === undefined ? [] : [[name, { ...struct, name }] as const];
  });
  return new Map([...go.structs, ...borrowed]);
}

function messageEntry(message: ProtoMessage, { proto, go }: ParsedPackage): MessageEntry | undefined {
  if (NOT_IN_OBJECTS.has(message.fullName)) return undefined;
  const name = message.fullName.slice(proto.package.length + 1);
  const special = SPECIAL_FORMS.get(message.fullName);
  if (special !== undefined) return { special, fields: plainFields(message) };
  if (go.listTypes.has(name)) return { listWrapper: true, fields: plainFields(message) };
  const struct = go.structs.get(name);
  if (struct === undefined) return undefined;
  const kind = kindOf(struct, { proto, go });
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(struct.markers.includes('structType=atomic') ? { atomic: true as const } : {}),
    fields: Object.fromEntries(message.fields.flatMap((field) => fieldEntry(field, struct, { proto, go }))),
  };
}

function plainFields(message: ProtoMessage): Record<string, FieldEntry> {
  return Object.fromEntries(message.fields.map((field) => [field.name, typeEntry(field)]));
}

function typeEntry({ number, type, shape }: ProtoField): FieldEntry {
  return {
    number,
    type,
    ...(shape === 'list' ? { list: true as const } : {}),
    ...(shape === 'map' ? { map: true as const } : {}),
  };
}

function fieldEntry(
  field: ProtoField,
  struct: GoStruct,
  { proto, go }: ParsedPackage,
): readonly (readonly [string, FieldEntry])[] {
  const goField = struct.fields.find((candidate) => matches(candidate, field));
  if (goField === undefined) throw new Error(`Cannot find the Go field of ${struct.name}.${field.name}`);
  if (goField.jsonName === undefined && !goField.embedded) return []; // kept out of JSON: `json:"-"`
  const inline = goField.embedded && goField.jsonName === undefined;
  const entry: FieldEntry = {
    ...typeEntry(field),
    ...presence(goField),
    ...(inline ? { inline: true as const } : {}),
    ...mergeMarkers(goField),
    ...valueMarkers(goField, go),
    ...namedType(field, goField, { proto, go }),
  };
  return [[goField.jsonName ?? field.name, entry]];
}

/** Go's name of the type, where it does not follow from the protobuf type: decoding errors print it. */
function namedType(field: ProtoField, { goType }: GoField, { proto, go }: ParsedPackage): Partial<FieldEntry> {
  const bare = goType.replace(/^\*/, '');
  const isMessage = field.type.includes('.');
  if (isMessage && !(field.shape === 'map' && !bare.startsWith('map['))) return {};
  const qualified = bare.replaceAll(
    /(?<![\w.])(?:(\w+)\.)?([A-Z]\w*)/g,
    (_match, alias: string | undefined, name: string) =>
      alias === undefined ? `${proto.package.split('.').at(-1)}.${name}` : `${go.imports.get(alias) ?? alias}.${name}`,
  );
  return qualified === bare && !bare.includes('.') ? {} : { goType: qualified };
}

function matches(goField: GoField, field: ProtoField): boolean {
  return field.number === 0
    ? goField.jsonName === field.name || goField.name === 'ListMeta'
    : goField.protobufNumber === field.number;
}

function presence(field: GoField): Partial<FieldEntry> {
  if (field.embedded && field.jsonName === undefined) return field.goType.startsWith('*') ? { pointer: true } : {};
  const required = isRequired(field);
  return {
    ...(required ? { required: true as const } : {}),
    ...(field.goType.startsWith('*') ? { pointer: true as const } : {}),
    ...(!field.omitEmpty && !required ? { alwaysWritten: true as const } : {}),
  };
}

function isRequired(field: GoField): boolean {
  if (field.markers.includes('required')) return true;
  if (field.markers.includes('optional')) return false;
  return !field.omitEmpty;
}

function mergeMarkers(field: GoField): Partial<FieldEntry> {
  const listType = valueOf(field, 'listType');
  const keys = field.markers
    .filter((marker) => marker.startsWith('listMapKey='))
    .map((marker) => marker.slice('listMapKey='.length));
  const atomic = ['mapType=atomic', 'structType=atomic'].some((marker) => field.markers.includes(marker));
  return {
    ...(listType === 'atomic' || listType === 'map' || listType === 'set' ? { listType } : {}),
    ...(keys.length > 0 ? { listMapKeys: keys } : {}),
    ...(field.patchStrategy === undefined ? {} : { patchStrategy: field.patchStrategy }),
    ...(field.patchMergeKey === undefined ? {} : { patchMergeKey: field.patchMergeKey }),
    ...(atomic ? { atomic: true as const } : {}),
  };
}

function valueMarkers(field: GoField, go: GoPackage): Partial<FieldEntry> {
  const fallback = valueOf(field, 'default');
  const values = go.enums.get(field.goType.replace(/^(\*|\[\])+/, ''));
  return {
    ...(fallback === undefined ? {} : { default: parseDefault(fallback, go) }),
    ...(values === undefined ? {} : { enum: values }),
  };
}

function parseDefault(text: string, go: GoPackage): unknown {
  const reference = /^ref\((\w+)\)$/.exec(text)?.[1];
  return reference === undefined ? (JSON.parse(text) as unknown) : go.constants.get(reference);
}

function valueOf(field: GoField, marker: string): string | undefined {
  return field.markers.find((candidate) => candidate.startsWith(`${marker}=`))?.slice(marker.length + 1);
}
