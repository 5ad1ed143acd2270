/** Validates paths that must stay below a directory. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid } from '../../meta/field-error.ts';

/** Relative, and never upwards. */
export function* validateDescendingPath(path: string, field: string): Generator<FieldError> {
  if (path.startsWith('/')) yield invalid(field, path, 'must be a relative path');
  yield* validateNoBacksteps(path, field);
}

export function* validateNoBacksteps(path: string, field: string): Generator<FieldError> {
  if (hasBacksteps(path)) yield invalid(field, path, "must not contain '..'");
}

export const hasBacksteps = (path: string): boolean => path.split('/').includes('..');

/** As a descending path, and not one of the names that start with two dots: atomic updates of volumes use those. */
export function* validateFilePath(path: string, field: string): Generator<FieldError> {
  yield* validateDescendingPath(path, field);
  if (path.startsWith('..') && !path.startsWith('../')) yield invalid(field, path, "must not start with '..'");
}
