/** What stands between a program and the API server: requests get lost or late, streams break, and the program dies between two writes. */
import { ApiError } from '#api/errors';
import type { ApiRequest, ApiResult, RequestHandler, WatchEvent } from '#api/request';
import type { World } from '#base/world';
import { type Chaos, lost } from './chaos.ts';

export type Line = {
  readonly part: string;
  readonly chaos: Chaos;
  readonly world: World;
  readonly isDead: () => boolean;
  readonly isCut: () => boolean;
  readonly crash: () => void;
  readonly onWrite: () => void;
};

const PARTITION_CHECK_MS = 500;
const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

export function faultyLine(handle: RequestHandler, line: Line): RequestHandler {
  return async (request) => {
    if (line.isDead()) return await never();
    if (line.isCut()) throw lost();
    if (WRITES.has(request.verb)) return await write(handle, request, line);
    const result = await handle(request);
    if (line.isDead()) return await never();
    if (result.type !== 'watch') return result;
    return { ...result, events: stream(result.events, request, line) };
  };
}

async function write(handle: RequestHandler, request: ApiRequest, line: Line): Promise<ApiResult> {
  line.onWrite();
  const fault = line.chaos.onWrite(line.part, request);
  if (fault.type === 'crash before') line.crash();
  if (fault.type === 'lost before') throw lost();
  if (fault.type === 'slow') await line.world.clock.sleep(fault.ms);
  if (line.isDead()) return await never();
  const result = await handle(request);
  if (fault.type === 'crash after') line.crash();
  if (line.isDead()) return await never();
  if (fault.type === 'lost after') throw lost();
  return result;
}

async function* stream(
  events: AsyncIterable<readonly WatchEvent[]>,
  { plural }: ApiRequest,
  line: Line,
): AsyncGenerator<readonly WatchEvent[]> {
  for await (const batch of events) {
    const fault = line.chaos.onBatch(line.part, plural);
    if ('ms' in fault) await line.world.clock.sleep(fault.ms);
    while (line.isCut() && !line.isDead()) await line.world.clock.sleep(PARTITION_CHECK_MS);
    if (line.isDead()) return;
    if (fault.type === 'cut') return;
    if (fault.type === 'expired') throw new ApiError('Expired', 'too old resource version');
    yield batch;
  }
}

/** Whoever is dead waits for ever. */
function never(): Promise<never> {
  return new Promise<never>(() => undefined);
}
