/** Scalars of YAML as upstream's reader takes them: version 1.1 without its dates and times, and whole numbers to the last digit. */
import {
  boolYaml11Tag,
  CORE_SCHEMA,
  DUMP_SCHEMA,
  floatCoreTag,
  intCoreTag,
  intYaml11Tag,
  NOT_RESOLVED,
  YAMLException,
} from 'js-yaml';
import { exactInteger, isExactInteger, isInt64, isUint64 } from '#api/meta/exact-integer';

const INTEGER = /^([-+]?)(0x[0-9a-fA-F]+|0b[01]+|0o?[0-7]+|0|[1-9][0-9]*)$/;

// A leading zero means octal: modes of files are written that way.
function integerOf(source: string): unknown {
  const [, sign, digits = ''] = INTEGER.exec(source.replaceAll('_', '')) ?? [];
  if (digits === '' || digits.length > MAX_DIGITS) return NOT_RESOLVED;
  const size = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = exactInteger(sign === '-' ? -size : size);
  return isInt64(value) || isUint64(value) ? value : NOT_RESOLVED;
}

// As long as a number of 64 bits in its longest notation.
const MAX_DIGITS = 66;

const INTEGERS = {
  ...intCoreTag,
  resolve: integerOf,
  identify: (value: unknown) => isExactInteger(value) || intCoreTag.identify(value),
  represent: (value: unknown) => String(value),
};

const FLOATS = {
  ...floatCoreTag,
  resolve: (...given: Parameters<typeof floatCoreTag.resolve>) => {
    const value = floatCoreTag.resolve(...given);
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    throw new YAMLException(`json: unsupported value: ${given[0]}`);
  },
};

/** For reading bodies. */
export const YAML_BODY_SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, FLOATS, INTEGERS);

/** For writing answers: what any reader might take for something else is quoted. */
export const YAML_ANSWER_SCHEMA = DUMP_SCHEMA.withTags({ ...INTEGERS, resolve: looksWhole });

function looksWhole(...given: Parameters<typeof intCoreTag.resolve>): unknown {
  for (const resolve of [integerOf, intYaml11Tag.resolve, intCoreTag.resolve]) {
    const value = resolve(...given);
    if (value !== NOT_RESOLVED) return value;
  }
  return NOT_RESOLVED;
}
