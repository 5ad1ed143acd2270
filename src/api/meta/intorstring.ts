/** Values that are a count or a percentage of a total, such as `maxSurge: 25%`. */

export type IntOrString = number | string;

/** Which way a fraction goes when a percentage does not give a whole number. */
export type Rounding = 'up' | 'down';

/** Whether the value is a percentage such as `25%`. */
export function isPercent(value: IntOrString): value is string {
  return typeof value === 'string' && /^[0-9]+%$/.test(value);
}

/** The count that `value` stands for, out of `total`; undefined when it is neither a count nor a percentage. */
export function scaledValue(value: IntOrString, total: number, rounding: Rounding): number | undefined {
  if (typeof value === 'number') return value;
  const percent = /^([+-]?[0-9]+)%$/.exec(value)?.[1];
  if (percent === undefined) return undefined;
  const share = (Number(percent) * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}
