/** The shape of the schema table: one entry for every message of the Kubernetes API, with its fields and markers. */

export type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'int64' | 'uint32' | 'uint64' | 'double' | 'float' | 'any';

/** JSON forms that are not an object of the message's protobuf fields. */
export type SpecialForm =
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'rawExtension'
  | 'rawJson'
  | 'schemaOrArray'
  | 'schemaOrBool'
  | 'schemaOrStringArray';

export type FieldEntry = {
  /** Protobuf field number; 0 for the few fields that exist in JSON only. */
  readonly number: number;
  /** A scalar, or the full protobuf name of a message. For lists and maps: of their values. */
  readonly type: string;
  readonly list?: true;
  /** A map with string keys. */
  readonly map?: true;
  readonly required?: true;
  /** A set zero value differs from an absent one (a pointer upstream). */
  readonly pointer?: true;
  /** JSON carries the field even when it is empty, although it is optional. */
  readonly alwaysWritten?: true;
  /** The nested message's fields appear in the parent's JSON object; the entry's key is then not a JSON name. */
  readonly inline?: true;
  readonly listType?: 'atomic' | 'map' | 'set';
  readonly listMapKeys?: readonly string[];
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  /** The map or struct is replaced whole by server-side apply. */
  readonly atomic?: true;
  /** Go's name of a named scalar, list or map type, such as `v1.PullPolicy`: decoding errors print it. */
  readonly goType?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
};

export type MessageEntry = {
  /** Group, version and kind, when objects of this type stand on their own. */
  readonly kind?: readonly [group: string, version: string, kind: string];
  readonly special?: SpecialForm;
  /** A list that is a message of its own in protobuf, under the field `items`, but a plain array in JSON. */
  readonly listWrapper?: true;
  readonly atomic?: true;
  readonly fields: Readonly<Record<string, FieldEntry>>;
};

export type SchemaTable = {
  /** By full protobuf name, such as `k8s.io.api.apps.v1.Deployment`. */
  readonly messages: Readonly<Record<string, MessageEntry>>;
};
