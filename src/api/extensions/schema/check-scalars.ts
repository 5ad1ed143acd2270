/** Checks one string or number against what the schema asks of it. */
import type { ExactInteger } from '../../meta/exact-integer.ts';
import type { Findings } from './findings.ts';
import { formatCheck } from './formats.ts';
import { compilePattern } from './pattern.ts';
import type { StructuralSchema } from './structural.ts';

/** As upstream, the first of length and pattern that is wrong is told. */
export function checkString({ rules }: StructuralSchema, text: string, { path, findings }: Place): void {
  const { maxLength, minLength, pattern } = rules;
  if (maxLength !== undefined && isLonger(text, maxLength)) findings.tooLong(path, maxLength);
  else if (minLength !== undefined && minLength > 0 && !isLonger(text, minLength - 1)) {
    findings.breaks(path, text, `be at least ${minLength} chars long`);
  } else if (pattern !== undefined && !compilePattern(pattern).matches(text)) {
    findings.breaks(path, text, `match '${pattern}'`);
  }
}

export type Place = { readonly path: string; readonly findings: Findings };

/** Counts characters, not their halves. */
function isLonger(text: string, max: number): boolean {
  if (text.length <= max) return false;
  // A character has one or two halves.
  return text.length > max * 2 || Array.from(text).length > max;
}

export function checkFormat({ rules, type }: StructuralSchema, text: string, { path, findings }: Place): void {
  if (rules.format === undefined || (type !== '' && type !== 'string')) return;
  const check = formatCheck(rules.format);
  if (check !== undefined && !check(text)) findings.wrongType(path, text, rules.format);
}

/** Limits are doubles, and compared as such. */
export function checkNumber(schema: StructuralSchema, value: number | ExactInteger, { path, findings }: Place): void {
  const { multipleOf } = schema.rules;
  checkRange(schema, Number(value), { path, findings });
  if (multipleOf !== undefined && !isMultiple(Number(value), multipleOf)) {
    findings.breaks(path, value, `be a multiple of ${multipleOf}`);
  }
  checkBounds(schema, value, { path, findings });
}

function checkBounds({ rules }: StructuralSchema, value: number | ExactInteger, { path, findings }: Place): void {
  const double = Number(value);
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = rules;
  if (minimum !== undefined && (exclusiveMinimum === true ? double <= minimum : double < minimum)) {
    findings.breaks(path, value, `be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (exclusiveMaximum === true ? double >= maximum : double > maximum)) {
    findings.breaks(path, value, `be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`);
  }
}

/** Decimal factors have no exact form: 0.3 is a multiple of 0.1 all the same. */
function isMultiple(value: number, factor: number): boolean {
  if (factor <= 0) return false;
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.abs(quotient) * 2;
}

const INT32_MAX = 2 ** 31;
const FLOAT_MAX = 3.4028234663852886e38;

function checkRange({ type, rules }: StructuralSchema, value: number, { path, findings }: Place): void {
  const { format } = rules;
  const outside =
    (type === 'integer' && format === 'int32' && (value < -INT32_MAX || value >= INT32_MAX)) ||
    (type === 'number' && format === 'float' && Math.abs(value) > FLOAT_MAX);
  if (outside) findings.whole(`Checked value must be of type ${type} with format ${format} in ${path}`);
}
