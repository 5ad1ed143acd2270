/** Reads plain values field by field and notes what is wrong under the path of each. */
import { type FieldError, invalid, required } from '#api/meta/field-error';
import { DurationError, parseGoDuration } from '#api/meta/go-duration';
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';

type Plain = Readonly<Record<string, unknown>>;

const NANOS_IN_MS = 1_000_000n;

/** An object of the document at `path`. Fields that nobody asked for are faults too: they are mostly misspelt. */
export class Fields {
  readonly #value: Plain;
  readonly #path: string;
  readonly #errors: FieldError[];
  readonly #known = new Set<string>();

  constructor(value: unknown, path: string, errors: FieldError[]) {
    this.#path = path;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#value = isObject ? (value as Plain) : {};
    // What is not there at all lacks no fields.
    this.#errors = isObject ? errors : [];
    if (isObject) return;
    const here = path === '' ? '<document>' : path;
    errors.push(value === undefined ? required(here) : invalid(here, value, 'must be an object'));
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  note(error: FieldError): void {
    this.#errors.push(error);
  }

  take(name: string): unknown {
    this.#known.add(name);
    return this.#value[name];
  }

  object(name: string): Fields {
    return new Fields(this.take(name), this.pathOf(name), this.#errors);
  }

  text(name: string, fallback?: string): string {
    const value = this.take(name);
    if (typeof value === 'string' && value !== '') return value;
    if (value === undefined && fallback !== undefined) return fallback;
    this.#errors.push(
      value === undefined ? required(this.pathOf(name)) : invalid(this.pathOf(name), value, 'must be a text'),
    );
    return '';
  }

  wholeNumber(name: string, fallback?: number): number {
    const value = this.take(name) ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    const error =
      value === undefined
        ? required(this.pathOf(name))
        : invalid(this.pathOf(name), value, 'must be a whole number, 0 or more');
    this.#errors.push(error);
    return 0;
  }

  /** Go's way to write durations: `1h30m`, `90s`. */
  durationMs(name: string, fallbackMs?: number): number {
    const value = this.take(name);
    if (value === undefined && fallbackMs !== undefined) return fallbackMs;
    if (typeof value !== 'string') {
      this.#errors.push(
        value === undefined
          ? required(this.pathOf(name))
          : invalid(this.pathOf(name), value, 'must be a duration such as "90s" or "1h30m"'),
      );
      return 0;
    }
    try {
      const ms = Number(parseGoDuration(value) / NANOS_IN_MS);
      if (ms >= 0) return ms;
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
    }
    this.#errors.push(invalid(this.pathOf(name), value, 'must be a duration such as "90s" or "1h30m"'));
    return 0;
  }

  milliCores(name: string): number {
    return this.#quantity(name, (text) => milliUnits(parseQuantity(text)));
  }

  bytes(name: string): number {
    return this.#quantity(name, (text) => wholeUnits(parseQuantity(text)));
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.take(name);
    if (value === undefined) return {};
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
    if (entries?.every(([, text]) => typeof text === 'string') === true)
      return value as Readonly<Record<string, string>>;
    this.#errors.push(invalid(this.pathOf(name), value, 'must map names to texts'));
    return {};
  }

  /** To be called last. */
  noOthers(): void {
    for (const name of Object.keys(this.#value)) {
      if (!this.#known.has(name)) this.#errors.push(invalid(this.pathOf(name), this.#value[name], 'no such field'));
    }
  }

  #quantity(name: string, read: (text: string) => number): number {
    const value = this.take(name);
    if (value === undefined) this.#errors.push(required(this.pathOf(name)));
    else {
      try {
        return read(typeof value === 'number' ? String(value) : (value as string));
      } catch {
        this.#errors.push(invalid(this.pathOf(name), value, 'must be a quantity such as "500m" or "4Gi"'));
      }
    }
    return 0;
  }
}
