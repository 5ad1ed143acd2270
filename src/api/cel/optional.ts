/** A value that may be missing. */
import { CelObject, equals, type CelValue } from './values.ts';

export class CelOptional extends CelObject {
  readonly typeName = 'optional_type';
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    super();
    this.value = value;
  }

  equals(other: CelValue): boolean {
    if (!(other instanceof CelOptional)) return false;
    if (this.value === undefined || other.value === undefined) return this.value === other.value;
    return equals(this.value, other.value);
  }
}
