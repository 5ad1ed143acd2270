/** Finds its way in a DNS message without understanding its records, so that others' answers pass through unchanged. */

export type MessageLayout = {
  readonly responseCode: number;
  readonly isTruncated: boolean;
  /** Where the question ends; it begins after the header. */
  readonly questionEnd: number;
  /** Where the times to live are: 4 bytes each. */
  readonly lifetimeOffsets: readonly number[];
  /** For how long the message may be kept; 0 when it must not be. */
  readonly lifetimeSeconds: number;
};

export const HEADER_BYTES = 12;
const TYPE_SOA = 6;
const TYPE_OPT = 41;
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;

type RecordPlace = {
  readonly type: number;
  readonly ttlOffset: number;
  readonly dataOffset: number;
  readonly end: number;
};

/** Throws a RangeError when the message ends before its contents do. */
export function messageLayout(message: Buffer): MessageLayout {
  const flags = message.readUInt16BE(2);
  let at = HEADER_BYTES;
  for (let left = message.readUInt16BE(4); left > 0; left--) at = skipName(message, at) + 4;
  const questionEnd = at;
  const [answers, authorities, additionals] = [6, 8, 10].map((offset) => {
    const records = Array.from({ length: message.readUInt16BE(offset) }, () => {
      const place = readPlace(message, at);
      at = place.end;
      return place;
    });
    return records.filter(({ type }) => type !== TYPE_OPT); // whose lifetime field means something else
  });
  const responseCode = flags & 0xf;
  const isTruncated = (flags & 0x0200) !== 0;
  const kept = isTruncated
    ? 0
    : lifetime(message, { responseCode, answers: answers ?? [], authorities: authorities ?? [] });
  const lifetimeOffsets = [answers, authorities, additionals].flatMap((places) =>
    (places ?? []).map(({ ttlOffset }) => ttlOffset),
  );
  return { responseCode, isTruncated, questionEnd, lifetimeOffsets, lifetimeSeconds: kept };
}

type Sections = {
  readonly responseCode: number;
  readonly answers: readonly RecordPlace[];
  readonly authorities: readonly RecordPlace[];
};

function lifetime(message: Buffer, { responseCode, answers, authorities }: Sections): number {
  if (responseCode === NO_ERROR && answers.length > 0) {
    return Math.min(...answers.map(({ ttlOffset }) => message.readUInt32BE(ttlOffset)));
  }
  if (responseCode !== NO_ERROR && responseCode !== NO_SUCH_NAME) return 0;
  // That there is nothing may be believed for as long as the zone says in the last number of its authority record.
  const authority = authorities.find(({ type }) => type === TYPE_SOA);
  if (authority === undefined) return 0;
  return Math.min(message.readUInt32BE(authority.ttlOffset), message.readUInt32BE(authority.end - 4));
}

function readPlace(message: Buffer, start: number): RecordPlace {
  const at = skipName(message, start);
  const dataOffset = at + 10;
  const end = dataOffset + message.readUInt16BE(at + 8);
  if (end > message.length) throw new RangeError('Cannot read DNS message: it ends inside a record');
  return { type: message.readUInt16BE(at), ttlOffset: at + 4, dataOffset, end };
}

function skipName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) return at + 2; // a name's rest is elsewhere
    at += 1 + length;
    if (length === 0) return at;
  }
}
