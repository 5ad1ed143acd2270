/** Decides which fields a decoded object always has, so that code may read them without asking. */
import type { FieldEntry } from './table.ts';

/**
 * Upstream's structs are always there when they are not pointers, even if a client sent nothing. Two of them, `spec` and
 * `template`, are read everywhere; decoding fills them in even where upstream marks them optional.
 */
export function alwaysPresent(name: string, field: FieldEntry): boolean {
  if (field.pointer === true || field.map === true) return false;
  if (field.required === true) return true;
  return (name === 'spec' || name === 'template') && field.list !== true && field.type.includes('.');
}
