/** Turns one DNS message into its answer: ours from the cluster's state, others' from their servers. */
import * as packet from 'dns-packet';
import type { Answer, DecodedPacket, Packet, Question } from 'dns-packet';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { Transport } from './exchange.ts';
import type { Forwarder } from './forwarder.ts';
import { HEADER_BYTES } from './plan/message-layout.ts';
import { planAnswer, type DnsAnswer } from './plan/answer.ts';
import type { DnsRecord } from './plan/record.ts';
import type { DnsSnapshot } from './plan/snapshot.ts';

export type Resolver = {
  readonly snapshot: DnsSnapshot;
  readonly forwarder: Forwarder;
  readonly logger: Logger;
};

const CODE = { ok: 0, malformed: 1, failed: 2, missing: 3, unsupported: 4, refused: 5 } as const;
type ResponseCode = (typeof CODE)[keyof typeof CODE];

// What a client takes without saying so, and what reaches every client in one piece.
const PLAIN_BYTES = 512;
const EXTENDED_BYTES = 1232;
const LARGEST_STREAM_BYTES = 65_535;
const LONGEST_ALIAS_CHAIN = 8;
const RESPONSE_FLAG = 0x8000;

type Request = {
  readonly message: Buffer;
  readonly query: DecodedPacket;
  readonly question: Question;
  readonly transport: Transport;
};

/** The answer to send, or nothing when the message is no question. */
export async function resolveMessage(
  resolver: Resolver,
  message: Buffer,
  transport: Transport,
): Promise<Buffer | undefined> {
  if (message.length < HEADER_BYTES || (message.readUInt16BE(2) & RESPONSE_FLAG) !== 0) return undefined;
  const request = readRequest(message, transport);
  if (request === undefined) return bareAnswer(message, CODE.malformed);
  const refusal = refuse(request);
  if (refusal !== undefined) return encodeAnswer(request, { code: refusal, answers: [] });
  try {
    return await answer(resolver, request);
  } catch (error) {
    resolver.logger.debug('a question was not answered', { error: asError(error) });
    return encodeAnswer(request, { code: CODE.failed, answers: [] });
  }
}

function readRequest(message: Buffer, transport: Transport): Request | undefined {
  const query = decodeQuery(message);
  const [question, ...more] = query?.questions ?? [];
  if (query === undefined || question === undefined || more.length > 0) return undefined;
  return { message, query, question, transport };
}

async function answer(resolver: Resolver, request: Request): Promise<Buffer> {
  const { question, transport } = request;
  const name = question.name.toLowerCase();
  const planned = planAnswer({ name, type: question.type }, resolver.snapshot);
  if (planned.outcome === 'foreign') {
    const answered = await resolver.forwarder.ask({ message: request.message, key: keyOf(request), transport });
    return answered.length <= largestAnswer(request) ? answered : cutOff(answered, request);
  }
  if (planned.outcome !== 'alias') return encodeAnswer(request, contentOf(planned));
  return encodeAnswer(request, {
    code: CODE.ok,
    answers: [planned.alias, ...(await follow(resolver, request, planned.target))],
  });
}

type Content = {
  readonly code: ResponseCode;
  readonly answers: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
};

function contentOf(planned: Exclude<DnsAnswer, { outcome: 'alias' | 'foreign' }>): Content {
  if (planned.outcome === 'found') return { code: CODE.ok, answers: planned.answers, additionals: planned.additionals };
  const code = planned.outcome === 'missing' ? CODE.missing : CODE.ok;
  return { code, answers: [], authorities: [planned.authority] };
}

// An alias whose target nobody knows is still an answer.
async function follow(resolver: Resolver, request: Request, first: string): Promise<readonly Answer[]> {
  const found: DnsRecord[] = [];
  let target = first;
  for (let length = 0; length < LONGEST_ALIAS_CHAIN; length++) {
    const planned = planAnswer({ name: target, type: request.question.type }, resolver.snapshot);
    if (planned.outcome === 'found') return [...found, ...planned.answers];
    if (planned.outcome === 'foreign') return [...found, ...(await askFor(resolver, request, target))];
    if (planned.outcome !== 'alias') return found;
    found.push(planned.alias);
    target = planned.target;
  }
  return found;
}

async function askFor({ forwarder, logger }: Resolver, request: Request, name: string): Promise<readonly Answer[]> {
  const { type } = request.question;
  const question = { name, type, class: 'IN' } as const;
  const message = packet.encode({ type: 'query', flags: packet.RECURSION_DESIRED, questions: [question] });
  try {
    const asked = { ...request, question, message, query: packet.decode(message) };
    return packet.decode(await forwarder.ask({ message, key: keyOf(asked), transport: 'tcp' })).answers ?? [];
  } catch (error) {
    logger.debug('the target of an alias was not found', { error: asError(error) });
    return [];
  }
}

function refuse({ query, question }: Request): ResponseCode | undefined {
  if ((((query.flags ?? 0) >> 11) & 0xf) !== 0) return CODE.unsupported;
  if (question.class !== 'IN' || question.type === 'AXFR' || question.type === 'IXFR') return CODE.refused;
  return undefined;
}

function encodeAnswer(request: Request, { code, answers, authorities = [], additionals = [] }: Content): Buffer {
  const { query, question } = request;
  const asAsked = (record: Answer): Answer =>
    record.name === question.name.toLowerCase() ? { ...record, name: question.name } : record;
  const extension = extensionOf(query) === undefined ? [] : [OUR_EXTENSION];
  const response: Packet = {
    type: 'response',
    id: query.id,
    flags:
      packet.AUTHORITATIVE_ANSWER | packet.RECURSION_AVAILABLE | ((query.flags ?? 0) & packet.RECURSION_DESIRED) | code,
    questions: [question],
    answers: answers.map(asAsked),
    authorities: [...authorities],
    additionals: [...additionals, ...extension],
  };
  const limit = largestAnswer(request);
  const whole = packet.encode(response);
  if (whole.length <= limit) return whole;
  // The addresses of what the answers name can be asked for; the answers themselves cannot be left out.
  const withoutExtras = packet.encode({ ...response, additionals: extension });
  if (withoutExtras.length <= limit) return withoutExtras;
  const flags = (response.flags ?? 0) | packet.TRUNCATED_RESPONSE;
  return packet.encode({ ...response, flags, answers: [], authorities: [], additionals: extension });
}

const OUR_EXTENSION: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: EXTENDED_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function largestAnswer({ query, transport }: Request): number {
  if (transport === 'tcp') return LARGEST_STREAM_BYTES;
  const extension = extensionOf(query);
  if (extension === undefined) return PLAIN_BYTES;
  return Math.min(Math.max(extension.udpPayloadSize, PLAIN_BYTES), EXTENDED_BYTES);
}

// Too long for this client: it is told to come back by stream.
function cutOff(answered: Buffer, request: Request): Buffer {
  const code = (answered.readUInt16BE(2) & 0xf) as ResponseCode;
  const empty = encodeAnswer(request, { code, answers: [] });
  empty.writeUInt16BE(empty.readUInt16BE(2) | packet.TRUNCATED_RESPONSE, 2);
  return empty;
}

function extensionOf(query: DecodedPacket): Extract<Answer, { type: 'OPT' }> | undefined {
  return query.additionals?.find((record) => record.type === 'OPT');
}

// Whether the client speaks the extension, and wants signatures, changes what servers answer.
function keyOf({ query, question }: Pick<Request, 'query' | 'question'>): string {
  const extension = extensionOf(query);
  const dialect = extension === undefined ? 'plain' : `extended ${extension.flag_do}`;
  return `${question.name.toLowerCase()} ${question.type} ${dialect} ${query.flag_cd}`;
}

function decodeQuery(message: Buffer): DecodedPacket | undefined {
  try {
    return packet.decode(message);
  } catch {
    return undefined; // whatever is wrong with it, the client is told that it is malformed
  }
}

function bareAnswer(message: Buffer, code: ResponseCode): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(RESPONSE_FLAG | code, 2);
  return header;
}
