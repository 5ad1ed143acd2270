/** Checks one scalar value against its field. */
import { isExactInteger, isInt64, isUint64 } from '../meta/exact-integer.ts';
import type { Decoding } from './decoding.ts';
import { goTypeOf, goValueTypeOf } from './go-types.ts';
import type { FieldSchema } from './schema.ts';
import type { Scalar } from './table.ts';

/** What Go holds where nothing was set; undefined for what has no zero. */
export function zeroOf(scalar: Scalar): string | number | boolean | undefined {
  if (scalar === 'string' || scalar === 'bytes') return '';
  if (scalar === 'bool') return false;
  return scalar === 'any' ? undefined : 0;
}

const isInt32 = (value: unknown): boolean => Number.isInteger(value) && (value as number) === ((value as number) | 0);
const isUint32 = (value: unknown): boolean => Number.isInteger(value) && (value as number) === (value as number) >>> 0;

const FITS: Readonly<Partial<Record<Scalar, (value: unknown) => boolean>>> = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int32: isInt32,
  uint32: isUint32,
  int64: isInt64,
  uint64: isUint64,
};

export function decodeScalar(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  const { scalar } = field;
  if (scalar === undefined || scalar === 'any') return value;
  if (scalar === 'bytes') return decodeBytes(field, value, decoding);
  if (scalar === 'double' || scalar === 'float') return decodeDouble(field, value, decoding);
  return FITS[scalar]?.(value) === true ? value : decoding.mismatch(value, goValueTypeOf(field));
}

function decodeDouble(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  if (isExactInteger(value)) return value.valueOf();
  return typeof value === 'number' ? value : decoding.mismatch(value, goValueTypeOf(field));
}

function decodeBytes(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  if (typeof value !== 'string') return decoding.mismatch(value, field.list ? goValueTypeOf(field) : goTypeOf(field));
  const text = value.replaceAll(/[\r\n]/g, ''); // Go's decoder skips line ends
  const wrongAt = firstWrongByte(text);
  return wrongAt === undefined ? text : decoding.fail(`illegal base64 data at input byte ${wrongAt}`);
}

/** Where padded base64 stops being that, as Go counts. */
function firstWrongByte(text: string): number | undefined {
  const padding = /={0,2}$/.exec(text)?.[0].length ?? 0;
  const digits = text.length - padding;
  const wrong = text.slice(0, digits).search(/[^A-Za-z0-9+/]/);
  if (wrong !== -1) return wrong;
  return text.length % 4 === 0 ? undefined : text.length - (text.length % 4);
}
