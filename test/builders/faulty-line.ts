/** A way to the server on which requests are lost, some before and some after they were done: the sender cannot tell which. */
import { ApiError } from '#api/errors';
import type { ApiRequest, ApiResult, RequestHandler } from '#api/request';
import type { TestCluster } from './cluster.ts';

/** `share` of the requests is lost in each way; it may change while the line is used. */
export function aFaultyLine(
  { handle }: TestCluster,
  random: () => number,
  faults: { readonly share: number },
): RequestHandler {
  const lost = (): ApiError => new ApiError('ServiceUnavailable', 'the connection was lost');
  return async (request: ApiRequest): Promise<ApiResult> => {
    const chance = random();
    if (chance < faults.share) throw lost();
    const result = await handle(request);
    if (chance < 2 * faults.share && request.verb !== 'watch') throw lost();
    return result;
  };
}
