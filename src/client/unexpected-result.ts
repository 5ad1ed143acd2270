/** What to say when a server answers with something else than what was asked for. */
import { ApiError } from '#api/errors';
import type { ApiResult } from '#api/request';

export function unexpectedResult(expected: string, { type }: ApiResult): ApiError {
  return new ApiError('InternalError', `Cannot read the server's answer: it is ${type}, expected ${expected}`);
}
