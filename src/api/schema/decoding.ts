/** What one decoding keeps track of: where it is, the first failure, and the fields nobody knows. */
import { jsonKindOf } from './go-types.ts';

export type Step = { readonly field: string } | { readonly index: number } | { readonly key: string };

// As many as upstream reports.
const MAX_COMPLAINTS = 100;

export class Decoding {
  /** The first thing that went wrong; the rest is only walked to the end. */
  failure: string | undefined;
  readonly #complaints: Set<string>;
  readonly #path: Step[] = [];
  #struct: string | undefined;

  constructor(duplicateFields: readonly string[]) {
    this.#complaints = new Set(duplicateFields.map((path) => `duplicate field "${path}"`));
  }

  enter(step: Step): void {
    this.#path.push(step);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Errors name the innermost struct. Returns what to give to `leaveStruct`. */
  enterStruct(goType: string): string | undefined {
    const outer = this.#struct;
    this.#struct = goType;
    return outer;
  }

  leaveStruct(outer: string | undefined): void {
    this.#struct = outer;
  }

  fail(message: string): undefined {
    this.failure ??= message;
    return undefined;
  }

  /** A value of the wrong JSON type for a field of this Go type. */
  mismatch(value: unknown, goType: string): undefined {
    if (this.failure !== undefined) return undefined;
    const isNumeric = /^(?:u?int|float)\d\d$/.test(goType);
    const what = `json: cannot unmarshal ${jsonKindOf(value, isNumeric ? 'number' : 'other')} into Go`;
    const fields = this.#path.flatMap((step) => ('field' in step ? [step.field] : []));
    const struct = this.#struct?.slice(this.#struct.lastIndexOf('.') + 1);
    if (struct === undefined || fields.length === 0) return this.fail(`${what} value of type ${goType}`);
    return this.fail(`${what} struct field ${struct}.${fields.join('.')} of type ${goType}`);
  }

  unknownField(name: string): void {
    if (this.#complaints.size >= MAX_COMPLAINTS) return;
    this.#complaints.add(`unknown field "${this.#pathTo(name)}"`);
  }

  complaints(): readonly string[] {
    return [...this.#complaints];
  }

  #pathTo(name: string): string {
    const steps = this.#path.map((step) =>
      'index' in step ? `[${step.index}]` : `.${'field' in step ? step.field : step.key}`,
    );
    return [...steps, `.${name}`].join('').replace(/^\./, '');
  }
}
