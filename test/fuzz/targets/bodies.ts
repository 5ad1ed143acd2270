/** Bodies: protobuf, JSON and YAML of every kind, broken and odd. */
import { dump } from 'js-yaml';
import { ApiError } from '#api/errors';
import { ExactInteger } from '#api/meta/exact-integer';
import { DecodeError } from '#api/schema/decode-error';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import { encodeProtobuf } from '#api/schema/protobuf-encode';
import { decodeObjectBody } from '#apiserver/http/decode-body';
import { decodeBuiltIn } from '#apiserver/registry/decode';
import { assertPlain } from '../campaign.ts';
import { attempt, type Target } from '../target.ts';
import { type Sample, manySamples } from './samples.ts';

const PLAIN = [ExactInteger.prototype];

export function bodyTargets(): readonly Target[] {
  const samples = manySamples(7);
  const protobuf = samples.map(({ kind, object }) => encodeProtobuf({ kind, object }));
  const json = samples.map(({ object }) => JSON.stringify(object));
  const yaml = samples.map(({ object }) => dump(JSON.parse(JSON.stringify(object))));
  const decodeText = ({ kind }: Sample, text: string, contentType: string): void => {
    const fieldValidation = text.length % 2 === 0 ? 'Strict' : 'Warn';
    const body = { bytes: Buffer.from(text), contentType };
    assertPlain(decodeObjectBody(body, { type: kind, decode: decodeBuiltIn, fieldValidation }).object, PLAIN);
  };
  return [
    {
      name: 'protobuf',
      share: 20,
      run: (chance) =>
        attempt([DecodeError], () => {
          const { kind, object } = decodeProtobuf(chance.changedBytes(chance.pick(protobuf)));
          assertPlain(object, PLAIN);
          // Whatever was read can be written again.
          encodeProtobuf({ kind, object });
        }),
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
        return attempt([ApiError], () => decodeText(sample, text, 'application/json'));
      },
    },
    {
      name: 'yaml',
      share: 4,
      run: (chance) => {
        const at = chance.below(samples.length);
        const text = chance.changed(yaml[at] as string);
        return attempt([ApiError], () => decodeText(samples[at] as Sample, text, 'application/yaml'));
      },
    },
  ];
}
