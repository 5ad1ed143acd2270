/** What a client wants of a container's log. */
import { parseTime } from '#api/meta/time';

export type LogQuery = {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Lines before this are left out. */
  readonly sinceMs?: number;
  /** Only so many lines at the end of what there is. */
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** One of the two outputs only. */
  readonly stream?: 'stdout' | 'stderr';
};

/** Throws `RangeError` with what is wrong. */
export function decodeLogQuery(query: URLSearchParams, now: number): LogQuery {
  const sinceSeconds = wholeNumber(query, 'sinceSeconds', 1);
  const tailLines = wholeNumber(query, 'tailLines', 0);
  const limitBytes = wholeNumber(query, 'limitBytes', 1);
  const sinceMs = sinceSeconds === undefined ? timeOf(query) : now - sinceSeconds * 1000;
  const stream = query.get('stream')?.toLowerCase();
  return {
    follow: isSet(query, 'follow'),
    previous: isSet(query, 'previous'),
    timestamps: isSet(query, 'timestamps'),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream === 'stdout' || stream === 'stderr' ? { stream } : {}),
  };
}

function isSet(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text === 'true' || text === '1' || text === '';
}

function wholeNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`Cannot read ${name} "${text}": expected a whole number of at least ${least}`);
  }
  return value;
}

function timeOf(query: URLSearchParams): number | undefined {
  const text = query.get('sinceTime');
  if (text === null || text === '') return undefined;
  try {
    return parseTime(text);
  } catch (error) {
    throw new RangeError(`Cannot read sinceTime "${text}": expected an RFC 3339 time`, { cause: error });
  }
}
