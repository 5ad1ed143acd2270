/** What a check of a value found: errors in upstream's words, and how much of the schema was met on the way. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, notSupported, required, tooLong, tooMany } from '../../meta/field-error.ts';

// A schema of alternatives inside alternatives, over a long list, would keep the server busy for minutes.
export const MAX_STEPS = 250_000;

/** Shared by all branches of one check. */
export type Budget = { steps: number };

export class Findings {
  readonly errors: FieldError[] = [];
  /** Tells which of several alternatives that all failed came closest. */
  matches = 0;
  readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** False when enough has been looked at: what is left is not checked, and the object is refused. */
  step(): boolean {
    this.matches++;
    return this.budget.steps++ < MAX_STEPS;
  }

  /** Findings of an alternative, which count only if it is chosen. */
  branch(): Findings {
    return new Findings(this.budget);
  }

  merge({ errors, matches }: Findings): void {
    this.errors.push(...errors);
    this.matches += matches;
  }

  wrongType(path: string, value: unknown, expected: string): void {
    this.errors.push({
      ...invalid(fieldAt(path), value, `${path} in body must be of type ${expected}: ${JSON.stringify(value)}`),
      type: 'FieldValueTypeInvalid',
    });
  }

  breaks(path: string, value: unknown, rule: string): void {
    this.errors.push(invalid(fieldAt(path), value, `${path} in body should ${rule}`));
  }

  /** What concerns a combination of schemas is said of the whole object. */
  whole(message: string): void {
    this.errors.push(invalid('<nil>', '', message));
  }

  missing(path: string): void {
    this.errors.push(required(fieldAt(path)));
  }

  forbiddenField(path: string, name: string): void {
    this.errors.push(invalid(fieldAt(path), name, `${path}.${name} in body is a forbidden property`));
  }

  notOneOf(path: string, value: unknown, allowed: readonly unknown[]): void {
    const texts = allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    this.errors.push(notSupported(fieldAt(path), value, texts));
  }

  tooLong(path: string, max: number): void {
    this.errors.push(tooLong(fieldAt(path), max));
  }

  tooMany(path: string, sizes: { readonly actual: number; readonly max: number }): void {
    this.errors.push(tooMany(fieldAt(path), sizes.actual, sizes.max));
  }
}

/** The object itself has no path. */
function fieldAt(path: string): string {
  const field = path.replace(/^\./, '');
  return field === '' ? '<nil>' : field;
}
