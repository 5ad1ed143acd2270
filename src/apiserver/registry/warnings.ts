/** Puts more warnings before those that a result has. */
import type { ApiResult } from '#api/request';

export function withWarnings(warnings: readonly string[], result: ApiResult): ApiResult {
  return warnings.length === 0 ? result : { ...result, warnings: [...warnings, ...(result.warnings ?? [])] };
}
