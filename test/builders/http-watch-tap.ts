/** Checks watches as they arrive over HTTP, without taking anything from the test that reads them. */
import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { parseJsonExactly } from '#api/meta/exact-json';
import type { ApiObject } from '#api/object';
import type { RequestOptions, WatchEvent, WatchEventType } from '#api/request';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import { ProtobufReader } from '#api/schema/protobuf-reader';
import { isTrue, optionsOf } from '#apiserver/http/query-options';
import { parseResourcePath } from '#apiserver/http/request-path';
import { termsOf } from './checked-watches.ts';
import { EventChecker } from './event-checker.ts';

export type WatchTap = {
  /** Looks at what arrives if the path is that of a watch. */
  tap(path: string, stream: Readable, contentType: () => string | undefined): void;
  /** Throws when a watch broke its promise. */
  finish(): void;
};

type Tapped = { readonly path: string; readonly checker: EventChecker };

export function watchTap(): WatchTap {
  const tapped: Tapped[] = [];
  return {
    tap(path, stream, contentType) {
      const checker = checkerFor(path);
      if (checker === undefined) return;
      tapped.push({ path, checker });
      const feed = framesInto((event) => checker.accept(event), contentType);
      const push = stream.push.bind(stream);
      // A listener for data would make the stream flow before its reader is there.
      stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
        if (Buffer.isBuffer(chunk)) feed(chunk);
        return push(chunk, encoding);
      };
    },
    finish() {
      const problems = tapped.flatMap(({ path, checker }) => checker.violations.map((each) => `${path}: ${each}`));
      assert.deepEqual(problems, [], 'a watch over HTTP broke its promise');
    },
  };
}

function checkerFor(path: string): EventChecker | undefined {
  const [place = '', query = ''] = path.split('?');
  const parameters = new URLSearchParams(query);
  const byQuery = isTrue(parameters.get('watch'));
  // What is not even asked for at a path of objects, the server says.
  const found = byQuery || place.includes('/watch/') ? parseResourcePath(place) : undefined;
  if (found === undefined || found.subresource !== undefined || !(byQuery || found.watch === true)) return undefined;
  const options: RequestOptions = optionsOf(parameters);
  return new EventChecker(termsOf({ ...found, options }));
}

type Accept = (event: WatchEvent) => void;

function framesInto(accept: Accept, contentType: () => string | undefined): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const type = contentType() ?? '';
    const take = type.startsWith('application/vnd.kubernetes.protobuf') ? protobufFrame : jsonLine;
    if (!/^application\/(json|vnd\.kubernetes\.protobuf;stream=watch)/.test(type)) return;
    for (let taken = take(rest); taken !== undefined; taken = take(rest)) {
      rest = rest.subarray(taken.length);
      if (taken.event !== undefined) accept(taken.event);
    }
  };
}

type Taken = { readonly length: number; readonly event: WatchEvent | undefined };

function jsonLine(bytes: Buffer): Taken | undefined {
  const end = bytes.indexOf('\n');
  if (end === -1) return undefined;
  const { type, object } = parseJsonExactly(bytes.subarray(0, end).toString()) as WatchEvent;
  const shown = type === 'ERROR' ? object : shownIn(object);
  return { length: end + 1, event: type === undefined || shown === undefined ? undefined : { type, object: shown } };
}

/** The row of a Table stands for its object. */
function shownIn(object: ApiObject): ApiObject | undefined {
  if (object.kind !== 'Table') return object;
  const { rows } = object as unknown as { rows: readonly { object?: ApiObject }[] };
  return rows[0]?.object;
}

const LENGTH_BYTES = 4;

function protobufFrame(bytes: Buffer): Taken | undefined {
  if (bytes.length < LENGTH_BYTES || bytes.length < LENGTH_BYTES + bytes.readUInt32BE()) return undefined;
  const length = LENGTH_BYTES + bytes.readUInt32BE();
  const event = new ProtobufReader(bytes.subarray(LENGTH_BYTES, length));
  event.field();
  const type = event.string() as WatchEventType;
  event.field();
  event.enter();
  event.field();
  return { length, event: { type, object: decodeProtobuf(event.bytes()).object as ApiObject } };
}
