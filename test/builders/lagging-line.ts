/** A way to the server on which watches tell late: what is read from them is always old. */
import type { ApiRequest, ApiResult, RequestHandler, WatchEvent } from '#api/request';
import type { TestCluster } from './cluster.ts';

export function aLaggingLine({ handle, world, signal }: TestCluster, lagMs: number): RequestHandler {
  async function* late(events: AsyncIterable<readonly WatchEvent[]>): AsyncGenerator<readonly WatchEvent[]> {
    for await (const batch of events) {
      await world.clock.sleep(lagMs, signal);
      yield batch;
    }
  }
  return async (request: ApiRequest): Promise<ApiResult> => {
    const result = await handle(request);
    return result.type === 'watch' ? { ...result, events: late(result.events) } : result;
  };
}
