/** Bodies: protobuf, JSON and YAML of every kind, broken and odd. */
import { dump } from 'js-yaml';
import { ApiError } from '#api/errors';
import { ExactInteger } from '#api/meta/exact-integer';
import type { ApiObject } from '#api/object';
import { encodeProtobuf } from '#api/schema/protobuf-encode';
import type { BodyReader } from '#apiserver/http/body-reader';
import { CONTENT_TYPES } from '#apiserver/http/media-type';
import { assertPlain } from '../campaign.ts';
import { attemptTurns, type Target } from '../target.ts';
import { type Sample, manySamples } from './samples.ts';

const PLAIN = [ExactInteger.prototype];

export function bodyTargets(bodies: BodyReader): readonly Target[] {
  const samples = manySamples(7);
  const protobuf = samples.map(({ kind, object }) => encodeProtobuf({ kind, object }));
  const json = samples.map(({ object }) => JSON.stringify(object));
  const yaml = samples.map(({ object }) => dump(JSON.parse(JSON.stringify(object))));
  const decode = async ({ kind }: Sample, bytes: Buffer, contentType: string): Promise<ApiObject> => {
    const fieldValidation = bytes.length % 2 === 0 ? 'Strict' : 'Warn';
    const { object } = await bodies.read('object', { bytes, contentType }, { type: kind, fieldValidation });
    assertPlain(object, PLAIN);
    return object;
  };
  return [
    {
      name: 'protobuf',
      share: 20,
      run: (chance) => {
        const at = chance.below(samples.length);
        const sample = samples[at] as Sample;
        const bytes = chance.changedBytes(protobuf[at] as Buffer);
        return attemptTurns([ApiError], async () => {
          const object = await decode(sample, bytes, CONTENT_TYPES.protobuf);
          // Whatever was read can be written again.
          encodeProtobuf({ kind: sample.kind, object: { ...object } });
        });
      },
    },
    {
      name: 'json',
      share: 14,
      run: (chance) => {
        const at = chance.below(samples.length);
        const sample = samples[at] as Sample;
        const text = chance.once(2)
          ? chance.changed(json[at] as string)
          : (JSON.stringify(chance.changedJson(sample.object)) ?? '');
        return attemptTurns([ApiError], async () => void (await decode(sample, Buffer.from(text), CONTENT_TYPES.json)));
      },
    },
    {
      name: 'yaml',
      share: 4,
      run: (chance) => {
        const at = chance.below(samples.length);
        const bytes = Buffer.from(chance.changed(yaml[at] as string));
        return attemptTurns(
          [ApiError],
          async () => void (await decode(samples[at] as Sample, bytes, CONTENT_TYPES.yaml)),
        );
      },
    },
  ];
}
