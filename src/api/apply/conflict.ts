/** Tells whom an apply conflicts with and about what, in upstream's words. Pure. */
import { ApiError, type StatusCause } from '../errors.ts';
import { compareText, type ManagerIdentity, managerKey } from './ownership.ts';
import { describePath } from './path-element.ts';
import type { Conflict } from './plan-apply.ts';

export function applyConflictError(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ manager, path }): StatusCause => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeManager(manager)}`,
    field: describePath(path),
  }));
  return new ApiError('Conflict', summaryOf(conflicts), { details: { causes } });
}

function summaryOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${describeManager(first.manager)}: ${describePath(first.path)}`;
  }
  const byManager = Map.groupBy(conflicts, ({ manager }) => managerKey(manager));
  const lines = [...byManager]
    .toSorted(([left], [right]) => compareText(left, right))
    .flatMap(([, own]) => [
      `conflicts with ${describeManager(own[0]!.manager)}:`,
      ...own.map(({ path }) => `- ${describePath(path)}`),
    ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function describeManager({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  const name =
    subresource === ''
      ? JSON.stringify(manager)
      : `${JSON.stringify(manager)} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
