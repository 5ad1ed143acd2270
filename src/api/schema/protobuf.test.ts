import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anObjectOf, PROTOBUF_KINDS } from '#test/builders/schema-objects';
import { DecodeError } from './decode-error.ts';
import { decodeObject } from './decode.ts';
import type { JsonObject } from './decode.ts';
import { decodeProtobuf } from './protobuf-decode.ts';
import { encodeProtobuf, inEnvelope } from './protobuf-encode.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

test('[API40] every kind survives encoding and decoding', () => {
  assert.ok(PROTOBUF_KINDS.length > 200);
  fc.assert(
    fc.property(
      fc.constantFrom(...PROTOBUF_KINDS).chain((schema) => fc.tuple(fc.constant(schema), anObjectOf(schema, 4))),
      ([schema, value]) => {
        const kind = schema.kind!;
        const expected = decodeObject(schema, value, { fieldValidation: 'Strict' }).object;
        const decoded = decodeProtobuf(encodeProtobuf({ kind, object: value as JsonObject }));
        assert.deepEqual(decoded.kind, kind);
        const { apiVersion: _apiVersion, kind: _kind, ...rest } = decoded.object;
        assert.deepEqual(rest, expected);
      },
    ),
    { numRuns: 300 },
  );
});

const hex = (bytes: string): Uint8Array => Uint8Array.from(Buffer.from(bytes.replaceAll(/\s/g, ''), 'hex'));
const ENVELOPE = '6b387300';

test('[API41] a ConfigMap as kubectl sends it decodes to what JSON would say', () => {
  // k8s\0, {typeMeta: {apiVersion: "v1", kind: "ConfigMap"}, raw: {metadata: {name: "c", creationTimestamp: {}}, data: {a: "b"}}}
  const typeMeta = '0a0f 0a027631 1209436f6e6669674d6170';
  const raw = '120f 0a05 0a0163 4200 1206 0a0161 120162';
  const body = hex(`${ENVELOPE} ${typeMeta} ${raw} 1a00 2200`);
  assert.deepEqual(decodeProtobuf(body), {
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } },
  });
});

test('[API41] zeros that Go writes for unset values are left out, zeros behind a pointer are kept', () => {
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const object = {
    spec: {
      replicas: 0,
      minReadySeconds: 0,
      strategy: {},
      template: { spec: { restartPolicy: '', securityContext: {} } },
    },
  };
  assert.deepEqual(decodeProtobuf(encodeProtobuf({ kind, object })).object, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {},
    spec: {
      replicas: 0,
      template: { spec: { containers: [], securityContext: {} } },
    },
  });
});

test('[API41] options that every group knows decode under any of them', () => {
  const kind = { group: 'apps', version: 'v1', kind: 'DeleteOptions' };
  const object = { gracePeriodSeconds: 0, propagationPolicy: 'Background' };
  const decoded = decodeProtobuf(encodeProtobuf({ kind, object }));
  assert.deepEqual(decoded, { kind, object: { apiVersion: 'apps/v1', kind: 'DeleteOptions', ...object } });
});

test('[API41] numbers, packed lists and negative values are read as protobuf writes them', () => {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const object = {
    spec: { terminationGracePeriodSeconds: -5, securityContext: { supplementalGroups: [1, 300, 2 ** 40] } },
  };
  const spec = { containers: [], ...object.spec };
  assert.deepEqual(decodeProtobuf(encodeProtobuf({ kind, object })).object['spec'], spec);
  // spec(2) { securityContext(14) { supplementalGroups(4), packed: 1, 300 } }
  const pod = hex(`${ENVELOPE} 0a09 0a027631 1203506f64 1209 1207 7205 2203 01ac02`);
  assert.deepEqual(decodeProtobuf(pod).object['spec'], {
    containers: [],
    securityContext: { supplementalGroups: [1, 300] },
  });
});

test('[API42] broken bytes are refused, never read past their end', () => {
  const refusals = {
    '': /does not appear to be a protobuf message/,
    '7b7d': /does not appear to be a protobuf message/,
    [`${ENVELOPE} 0aff`]: /unexpected EOF/,
    [`${ENVELOPE} 0a7f00`]: /unexpected EOF/,
    [`${ENVELOPE} 0affffffffffffffffffff7f`]: /integer overflow/,
    [`${ENVELOPE} 07`]: /illegal tag|illegal wireType/,
    [`${ENVELOPE} 0a09 0a027631 1203466f6f`]: /^DecodeError: no kind "Foo" is registered for version "v1"$/,
    [`${ENVELOPE} 0a09 0a027631 1203506f64 1202 0801`]: /wrong wireType = 0 for field metadata/,
    [`${ENVELOPE} 0a09 0a027631 1203506f64 1205 0a03 0a01ff`]: /invalid UTF-8/,
  };
  for (const [bytes, message] of Object.entries(refusals))
    assert.throws(() => decodeProtobuf(hex(bytes)), message, bytes);
});

test('[API42] any change of a body is decoded or refused, and nothing else', () => {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const object = {
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { containers: [{ name: 'a', resources: { limits: { cpu: '1' } } }] },
  };
  const body = encodeProtobuf({ kind, object });
  fc.assert(
    fc.property(fc.nat({ max: body.length - 1 }), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, byte, cut) => {
      const changed = cut ? body.slice(0, at) : Uint8Array.from(body, (old, index) => (index === at ? byte : old));
      try {
        decodeProtobuf(changed);
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }),
  );
});

test('[API42] a body with more than 100,000 values is refused; each entry of a map is two', () => {
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
  const data = (entries: number): Buffer => {
    const pairs = Array.from({ length: entries }, (_each, index) => [String(index), '']);
    return encodeProtobuf({ kind, object: { data: Object.fromEntries(pairs) as JsonObject } });
  };
  assert.ok(decodeProtobuf(data(50_000)));
  const tooMany = new DecodeError('too many values: limit is 100000');
  assert.throws(() => decodeProtobuf(data(50_001)), tooMany);
  const numbers = inEnvelope({ group: '', version: 'v1', kind: 'Pod' }, [securityGroups(100_001)]);
  assert.throws(() => decodeProtobuf(numbers), tooMany);
});

/** The specification of a pod with so many additional groups, packed into one field. */
function securityGroups(count: number): Buffer {
  const writer = new ProtobufWriter(count);
  writer.delimited(4, Buffer.alloc(count, 1));
  writer.delimit(14, 0);
  writer.delimit(2, 0);
  return writer.finish();
}

test('[API42] messages nested deeper than 100 levels are refused', () => {
  const kind = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
  let schema: JsonObject = { type: 'string' };
  for (let depth = 0; depth < 120; depth += 1) schema = { not: schema };
  const object = { spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: schema } }] } };
  assert.throws(() => decodeProtobuf(encodeProtobuf({ kind, object })), new DecodeError('exceeded max depth'));
});
