import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate, negotiateStream, statusFormat } from './media-type.ts';

const negotiated = (accept?: string): string => {
  const { format, shape, version } = negotiate(accept);
  return `${format} ${shape} ${version}`;
};

test('[SRV21] the first form that a client wants and the server has is taken, the most wanted first', () => {
  assert.deepEqual(
    [
      undefined,
      '*/*',
      'application/yaml',
      'application/vnd.kubernetes.protobuf,application/json',
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
      'application/json;as=Table;v=v9;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io',
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      'application/json;q=0.5,application/yaml',
      'text/html,application/xhtml+xml,*/*;q=0.8',
      'application/json;stream=watch',
    ].map(negotiated),
    [
      'json object v1',
      'json object v1',
      'yaml object v1',
      'protobuf object v1',
      'json table v1',
      'json table v1beta1',
      'json metadata v1',
      'yaml object v1',
      'json object v1',
      'json object v1',
    ],
  );
  assert.throws(() => negotiate('application/json;q=0'), { reason: 'NotAcceptable' });
  assert.throws(() => negotiate('text/plain'), { reason: 'NotAcceptable' });
});

test('[SRV21] of what is wanted equally, the precise goes before the vague; what the resource lacks is passed over', () => {
  const custom = (accept: string): string => {
    const { format, shape } = negotiate(accept, { protobuf: true });
    return `${format} ${shape}`;
  };
  const protobuf = 'application/vnd.kubernetes.protobuf';
  const partial = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  assert.deepEqual(
    [
      custom('*/*,application/yaml'),
      custom('application/*,application/yaml;q=0.9'),
      custom(`${protobuf},application/json`),
      custom(`${protobuf};${partial},application/json;${partial}`),
      custom(`${protobuf};as=Table;g=meta.k8s.io;v=v1,application/yaml`),
      custom('application/json;stream=other,application/yaml'),
      custom('application/json;q=high'),
    ],
    ['yaml object', 'json object', 'json object', 'protobuf metadataList', 'yaml object', 'yaml object', 'json object'],
  );
  assert.throws(() => negotiate(protobuf, { protobuf: true }), {
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: application/json, application/yaml, ${protobuf}`,
  });
  assert.throws(() => negotiate('application/json;as=Table;g=meta.k8s.io;v=v1', { table: true }), {
    reason: 'NotAcceptable',
  });
});

test('[SRV24] a stream of events is JSON or protobuf', () => {
  assert.equal(negotiateStream(undefined).format, 'json');
  assert.equal(negotiateStream('application/vnd.kubernetes.protobuf;stream=watch').format, 'protobuf');
  assert.throws(() => negotiateStream('application/yaml'), {
    message:
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  });
});

test('[SRV25] a failure is told in a form that the client reads, and in JSON to whoever reads none', () => {
  assert.deepEqual(
    [undefined, 'application/vnd.kubernetes.protobuf', 'image/png', 'application/json;as=Table;g=meta.k8s.io;v=v1'].map(
      statusFormat,
    ),
    ['json', 'protobuf', 'json', 'json'],
  );
});
