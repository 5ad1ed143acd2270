/** Turns the protobuf fields of times, quantities, raw JSON and the like into their JSON values, and back. */
import { formatGoDuration, parseGoDuration } from '../meta/go-duration.ts';
import { type ExactInteger, exactInteger, toBigInt } from '../meta/exact-integer.ts';
import { canonicalQuantity, QuantityError } from '../meta/quantity.ts';
import { formatMoment, parseMoment } from '../meta/time.ts';
import { DecodeError } from './decode-error.ts';
import { parseJson } from './json-text.ts';
import type { SpecialForm } from './table.ts';

/** The fields of a message by their protobuf names, as any other message would be decoded. */
export type Fields = Readonly<Record<string, unknown>>;

type Form = {
  readonly toJson: (fields: Fields) => unknown;
  readonly toFields: (value: unknown) => Fields;
};

/** Empty bytes are an unset time or raw value: undefined. */
export function specialToJson(special: SpecialForm, fields: Fields): unknown {
  return FORMS[special].toJson(fields);
}

export function specialToFields(special: SpecialForm, value: unknown): Fields {
  return FORMS[special].toFields(value);
}

// The years 0 to 9999: what RFC 3339 can write.
const FIRST_SECOND = -62_167_219_200;
const LAST_SECOND = 253_402_300_799;

function timeForm(precision: 'seconds' | 'micros'): Form {
  return {
    toJson: ({ seconds = 0, nanos = 0 }) => {
      const whole = Number(seconds);
      if (whole < FIRST_SECOND || whole > LAST_SECOND) throw new DecodeError('year outside of range [0,9999]');
      const micros = Math.min(999_999, Math.max(0, Math.floor(Number(nanos) / 1000)));
      return formatMoment({ seconds: whole, micros }, precision);
    },
    toFields: (value) => {
      const { seconds, micros } = parseMoment(String(value));
      return { seconds, nanos: precision === 'micros' ? micros * 1000 : 0 };
    },
  };
}

function quantityOf(text: string): string {
  try {
    return canonicalQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message, { cause: error });
    throw error;
  }
}

function rawForm(name: 'raw' | 'Raw'): Form {
  return {
    toJson: (fields) => {
      const raw = fields[name];
      if (typeof raw !== 'string' || raw === '') return undefined;
      return parseJson(Buffer.from(raw, 'base64').toString('utf8')).value;
    },
    toFields: (value) => ({ [name]: Buffer.from(JSON.stringify(value)).toString('base64') }),
  };
}

const INT = 0;
const STRING = 1;

const FORMS: Readonly<Record<SpecialForm, Form>> = {
  time: timeForm('seconds'),
  microTime: timeForm('micros'),
  duration: {
    toJson: ({ duration = 0 }) => formatGoDuration(toBigInt(duration as number | ExactInteger)),
    toFields: (value) => ({ duration: exactInteger(parseGoDuration(String(value))) }),
  },
  quantity: {
    toJson: ({ string = '' }) => (string === '' ? '0' : quantityOf(String(string))),
    toFields: (value) => ({ string: String(value) }),
  },
  intOrString: {
    toJson: ({ type = INT, intVal = 0, strVal = '' }) => (type === STRING ? strVal : intVal),
    toFields: (value) => ({
      type: typeof value === 'string' ? STRING : INT,
      intVal: typeof value === 'string' ? 0 : value,
      strVal: typeof value === 'string' ? value : '',
    }),
  },
  rawExtension: rawForm('raw'),
  rawJson: {
    toJson: (fields) => rawForm('Raw' in fields ? 'Raw' : 'raw').toJson(fields),
    // `FieldsV1` and `JSON` spell the same field differently; the encoder takes the one its message has.
    toFields: (value) => ({ ...rawForm('raw').toFields(value), ...rawForm('Raw').toFields(value) }),
  },
  schemaOrArray: {
    toJson: ({ schema, jSONSchemas }) => schema ?? jSONSchemas ?? [],
    toFields: (value) => (Array.isArray(value) ? { jSONSchemas: value } : { schema: value }),
  },
  schemaOrBool: {
    toJson: ({ schema, allows = false }) => schema ?? allows,
    toFields: (value) => (typeof value === 'boolean' ? { allows: value } : { allows: true, schema: value }),
  },
  schemaOrStringArray: {
    toJson: ({ schema, property }) => schema ?? property ?? [],
    toFields: (value) => (Array.isArray(value) ? { property: value } : { schema: value }),
  },
};
