/** The answer of requests that do something and have no object to show. */
import type { Status } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiResult } from '#api/request';

export function success(code: 200 | 201): ApiResult {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code };
  return { type: 'object', status: code, object: status as unknown as ApiObject };
}
