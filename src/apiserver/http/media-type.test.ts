import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate } from './media-type.ts';

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
      'json object v1',
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
