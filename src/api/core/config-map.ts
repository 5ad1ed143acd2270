/** Configuration that pods consume as files or environment. */
import { AGE_COLUMN, NAME_COLUMN, column } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, tooLong } from '../meta/field-error.ts';
import { byteLength, checkConfigKey, checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { base64Length, MAX_DATA_BYTES } from './data.ts';

export type ConfigMap = core.ConfigMap;

export const ConfigMap = defineResource<ConfigMap>(
  {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    namespaced: true,
  },
  {
    shortNames: ['cm'],
    validateName: checkDnsSubdomain,
    validate: (map) => [...validate(map)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    columns: [
      NAME_COLUMN,
      column(
        'Data',
        'How many keys there are.',
        ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
      ),
      AGE_COLUMN,
    ],
  },
);

function* validate({ data = {}, binaryData = {} }: ConfigMap): Generator<FieldError> {
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    yield* validateName(key, checkConfigKey, `data[${key}]`);
    if (Object.hasOwn(binaryData, key)) yield invalid(`data[${key}]`, key, 'duplicate of key present in binaryData');
    bytes += byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    yield* validateName(key, checkConfigKey, `binaryData[${key}]`);
    bytes += base64Length(value);
  }
  if (bytes > MAX_DATA_BYTES) yield tooLong(WHOLE_OBJECT, MAX_DATA_BYTES);
}

// How upstream writes the path of the object itself.
const WHOLE_OBJECT = '[]';

function* validateUpdate(next: ConfigMap, stored: ConfigMap): Generator<FieldError> {
  if (stored.immutable !== true) return;
  const why = 'field is immutable when `immutable` is set';
  if (next.immutable !== true) yield forbidden('immutable', why);
  for (const key of ['data', 'binaryData'] as const)
    if (!semanticEqual(next[key] ?? {}, stored[key] ?? {})) yield forbidden(key, why);
}
