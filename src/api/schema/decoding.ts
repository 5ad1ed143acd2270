/** What one decoding keeps track of: where it is, the first failure, and the fields nobody knows. */
import { jsonKindOf } from './go-types.ts';

/** Into a field or a key of a map by its name, into a list by its index. */
export type Step = string | number;

// As many as upstream reports.
const MAX_COMPLAINTS = 100;

export class Decoding {
  /** The first thing that went wrong; the rest is only walked to the end. */
  failure: string | undefined;
  readonly #complaints: Set<string>;
  // Told when they are come by, so that complaints stand in the order of the document.
  readonly #duplicates: Set<string>;
  readonly #path: Step[] = [];
  // Which steps are fields: Go's errors name only those. Kept apart, since decoding steps a lot and fails seldom.
  readonly #fields: string[] = [];
  #struct: string | undefined;

  /** `findings` are complaints in ready words, which come first. */
  constructor(duplicateFields: readonly string[], findings: readonly string[] = []) {
    this.#complaints = new Set(findings);
    this.#duplicates = new Set(duplicateFields);
  }

  enterField(name: string): void {
    this.#path.push(name);
    this.#fields.push(name);
    if (this.#duplicates.size > 0) this.#tellDuplicate();
  }

  leaveField(): void {
    this.#path.pop();
    this.#fields.pop();
  }

  enterItem(step: Step): void {
    this.#path.push(step);
    if (this.#duplicates.size > 0) this.#tellDuplicate();
  }

  leaveItem(): void {
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
    const struct = this.#struct?.slice(this.#struct.lastIndexOf('.') + 1);
    if (struct === undefined || this.#fields.length === 0) return this.fail(`${what} value of type ${goType}`);
    return this.fail(`${what} struct field ${struct}.${this.#fields.join('.')} of type ${goType}`);
  }

  unknownField(name: string): void {
    if (this.#complaints.size >= MAX_COMPLAINTS) return;
    this.#complaints.add(`unknown field "${pathText([...this.#path, name])}"`);
  }

  complaints(): readonly string[] {
    return [...this.#complaints, ...[...this.#duplicates].map(duplicateField)];
  }

  #tellDuplicate(): void {
    const path = pathText(this.#path);
    if (this.#duplicates.delete(path)) this.#complaints.add(duplicateField(path));
  }
}

const duplicateField = (path: string): string => `duplicate field "${path}"`;

function pathText(path: readonly Step[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
  return steps.join('').replace(/^\./, '');
}
