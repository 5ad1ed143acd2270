/** Checks values whose JSON form is not their protobuf fields — times, quantities, raw JSON — and writes them canonically. */
import { DurationError, formatGoDuration, parseGoDuration } from '../meta/go-duration.ts';
import { canonicalQuantity, QuantityError } from '../meta/quantity.ts';
import { formatMoment, parseMoment, TimeError } from '../meta/time.ts';
import type { Decoding } from './decoding.ts';
import { jsonKindOf } from './go-types.ts';
import { messageSchema } from './schema.ts';
import type { MessageSchema } from './schema.ts';
import type { SpecialForm } from './table.ts';

/** Decodes a message; given by the caller, since messages and special forms contain each other. */
export type MessageDecoder = (schema: MessageSchema, value: unknown, decoding: Decoding) => unknown;

type Context = { readonly decoding: Decoding; readonly decodeMessage: MessageDecoder };
type Decode = (value: unknown, context: Context) => unknown;

export function decodeSpecial({ special }: MessageSchema, value: unknown, context: Context): unknown {
  return special === undefined ? value : DECODERS[special](value, context);
}

const DECODERS: Readonly<Record<SpecialForm, Decode>> = {
  time: (value, context) => fromText(value, context, (text) => formatMoment(parseMoment(text), 'seconds')),
  microTime: (value, context) => fromText(value, context, (text) => formatMoment(parseMoment(text), 'micros')),
  duration: (value, context) => fromText(value, context, (text) => formatGoDuration(parseGoDuration(text))),
  // Quantities may be bare numbers; anything else is refused as the text it would be.
  quantity: (value, { decoding }) =>
    checked(decoding, () => canonicalQuantity(typeof value === 'string' ? value.trim() : textOf(value))),
  intOrString: decodeIntOrString,
  rawExtension: (value) => value,
  rawJson: (value) => value,
  schemaOrArray: (value, context) =>
    Array.isArray(value) ? value.map((item: unknown) => decodeSchema(item, context)) : decodeSchema(value, context),
  schemaOrBool: (value, context) => (typeof value === 'boolean' ? value : decodeSchema(value, context)),
  schemaOrStringArray: (value, context) =>
    Array.isArray(value) ? decodeStrings(value, context) : decodeSchema(value, context),
};

function fromText(value: unknown, { decoding }: Context, canonical: (text: string) => string): unknown {
  if (typeof value !== 'string')
    return decoding.fail(`json: cannot unmarshal ${jsonKindOf(value)} into Go value of type string`);
  return checked(decoding, () => canonical(value));
}

function checked(decoding: Decoding, read: () => string): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimeError || error instanceof DurationError || error instanceof QuantityError) {
      return decoding.fail(error.message);
    }
    throw error;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'number' ? String(value).replace('e+', 'e') : JSON.stringify(value);
}

function decodeIntOrString(value: unknown, { decoding }: Context): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  return decoding.fail(`json: cannot unmarshal ${jsonKindOf(value, 'number')} into Go value of type int32`);
}

const JSON_SCHEMA = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

function decodeSchema(value: unknown, { decoding, decodeMessage }: Context): unknown {
  return decodeMessage(messageSchema(JSON_SCHEMA), value, decoding);
}

function decodeStrings(values: readonly unknown[], { decoding }: Context): unknown {
  const wrong = values.find((value) => typeof value !== 'string');
  if (wrong === undefined) return values;
  return decoding.fail(`json: cannot unmarshal ${jsonKindOf(wrong)} into Go value of type string`);
}
