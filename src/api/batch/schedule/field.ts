/** One field of a cron expression: `*`, `5`, `1-5`, `mon-fri`, a step such as every fifteenth, and lists of those. */

export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

export type Bounds = {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
};

export type Field = {
  readonly values: ReadonlySet<number>;
  /** Every value, as opposed to a list that happens to hold all: of two fields for days, one that is open leaves it to the other. */
  readonly isOpen: boolean;
};

export function parseField(text: string, bounds: Bounds): Field {
  const parts = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => parseRange(part, bounds));
  return {
    values: new Set(parts.flatMap(({ start, end, step }) => sequence(start, end, step))),
    isOpen: parts.some(({ isOpen }) => isOpen),
  };
}

type Range = { readonly start: number; readonly end: number; readonly step: number; readonly isOpen: boolean };

function parseRange(text: string, bounds: Bounds): Range {
  const [span = '', stepText, ...slashes] = text.split('/');
  const { start, end: last, isWild, isSingle } = parseSpan(span, text, bounds);
  if (slashes.length > 0) throw new ScheduleError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  // A start with a step runs to the end.
  const end = stepText !== undefined && isSingle ? bounds.max : last;
  checkRange({ start, end, step }, text, bounds);
  return { start, end, step, isOpen: isWild && step === 1 };
}

type Span = { readonly start: number; readonly end: number; readonly isWild: boolean; readonly isSingle: boolean };

function parseSpan(span: string, text: string, { min, max, names = [] }: Bounds): Span {
  const [low = '', high, ...hyphens] = span.split('-');
  const isSingle = high === undefined;
  if (low === '*' || low === '?') return { start: min, end: max, isWild: true, isSingle };
  const start = parseNumber(low, names, min);
  if (hyphens.length > 0) throw new ScheduleError(`too many hyphens: ${text}`);
  return { start, end: isSingle ? start : parseNumber(high, names, min), isWild: false, isSingle };
}

function checkRange({ start, end, step }: Omit<Range, 'isOpen'>, text: string, { min, max }: Bounds): void {
  if (start < min) throw new ScheduleError(`beginning of range (${start}) below minimum (${min}): ${text}`);
  if (end > max) throw new ScheduleError(`end of range (${end}) above maximum (${max}): ${text}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
}

/** Names stand for numbers from `first` on. */
function parseNumber(text: string, names: readonly string[] = [], first = 0): number {
  const index = names.indexOf(text.toLowerCase());
  if (index >= 0) return index + first;
  if (!/^[+-]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new ScheduleError(`failed to parse int from ${text}: ${why}`);
  }
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

function sequence(start: number, end: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
}
