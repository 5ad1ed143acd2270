import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LENGTH_DELIMITED, ProtobufReader } from '#api/schema/protobuf-reader';
import { openApiV2Protobuf } from './v2-protobuf.ts';

/** Length-delimited fields as nested lists, texts as they are: enough to see the structure. */
function outline(bytes: Uint8Array, path: readonly number[]): readonly string[] {
  const [number, ...rest] = path;
  const found: string[] = [];
  const reader = new ProtobufReader(bytes);
  while (!reader.done) {
    if (reader.field() === number && reader.wireType === LENGTH_DELIMITED) {
      const part = reader.bytes();
      found.push(...(rest.length === 0 ? [new TextDecoder().decode(part)] : outline(part, rest)));
    } else reader.skip();
  }
  return found;
}

test('[DIS6] the protobuf form keeps definitions, references, extensions and parameters in their places', () => {
  const gvk = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const bytes = openApiV2Protobuf({
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: {
      '/apis/apps/v1': {
        patch: {
          operationId: 'patchIt',
          parameters: [
            { in: 'query', name: 'fieldValidation', type: 'string' },
            { in: 'path', name: 'name', required: true, type: 'string' },
            { in: 'body', name: 'body', schema: { $ref: '#/definitions/D' } },
          ],
          responses: { '200': { description: 'OK' } },
          'x-kubernetes-group-version-kind': gvk,
        },
      },
    },
    definitions: {
      D: {
        type: 'object',
        required: ['spec'],
        properties: {
          spec: { $ref: '#/definitions/S' },
          names: { type: 'array', items: { type: 'string' } },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
        'x-kubernetes-group-version-kind': [gvk],
      },
    },
  });
  assert.deepEqual(outline(bytes, [1]), ['2.0']);
  assert.deepEqual(outline(bytes, [9, 1, 1]), ['D']);
  assert.deepEqual(outline(bytes, [9, 1, 2, 19]), ['spec']);
  assert.deepEqual(outline(bytes, [9, 1, 2, 25, 1, 1]), ['spec', 'names', 'labels']);
  assert.deepEqual(outline(bytes, [9, 1, 2, 25, 1, 2, 1]), ['#/definitions/S']);
  assert.deepEqual(outline(bytes, [9, 1, 2, 25, 1, 2, 23, 1, 22, 1]), ['string']);
  assert.deepEqual(outline(bytes, [9, 1, 2, 25, 1, 2, 21, 1, 22, 1]), ['string']);
  assert.deepEqual(outline(bytes, [9, 1, 2, 31, 2, 2]), [`${JSON.stringify([gvk])}\n`]);
  const operation = [8, 2, 2, 8];
  assert.deepEqual(outline(bytes, [...operation, 5]), ['patchIt']);
  assert.deepEqual(outline(bytes, [...operation, 8, 1, 2, 3, 4]), ['fieldValidation']);
  assert.deepEqual(outline(bytes, [...operation, 8, 1, 2, 4, 4]), ['name']);
  assert.deepEqual(outline(bytes, [...operation, 8, 1, 1, 5, 1]), ['#/definitions/D']);
  assert.deepEqual(outline(bytes, [...operation, 13, 2, 2]), [`${JSON.stringify(gvk)}\n`]);
});
