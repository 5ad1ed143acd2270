/** Many objects in a row share a part, as pods of one template do their labels: what was found sound a moment ago is so still. */
import { type FieldError, NO_ERRORS } from './field-error.ts';

/** The check of a part; the last one without a problem is not looked at again. What is absent is sound. */
export function unlessSoundBefore<T extends object>(
  check: (part: T, field: string) => Iterable<FieldError>,
): (part: T | undefined, field: string) => readonly FieldError[] {
  let sound: T | undefined;
  return (part, field) => {
    if (!part || part === sound) return NO_ERRORS;
    const problems = [...check(part, field)];
    // What is not frozen may be another thing by the next time.
    if (problems.length === 0 && Object.isFrozen(part)) sound = part;
    return problems;
  };
}
