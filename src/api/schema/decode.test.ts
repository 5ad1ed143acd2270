import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError } from './decode-error.ts';
import { decodeObject } from './decode.ts';
import type { FieldValidation } from './decode.ts';
import { parseJson } from './json-text.ts';
import { messageSchema, schemaFor } from './schema.ts';

const DEPLOYMENT = schemaFor({ group: 'apps', version: 'v1', kind: 'Deployment' })!;
const POD = schemaFor({ group: '', version: 'v1', kind: 'Pod' })!;
const CONFIG_MAP = schemaFor({ group: '', version: 'v1', kind: 'ConfigMap' })!;

const decode = (schema: typeof POD, value: unknown, fieldValidation: FieldValidation = 'Strict'): object =>
  decodeObject(schema, value, { fieldValidation }).object;

const aDeployment = (spec: object): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec,
});
const aPod = (container: object): object => ({
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'app', ...container }] },
});

test('[API30] a complete object decodes to an equal one', () => {
  const deployment = aDeployment({
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'app',
            image: 'nginx:1.20',
            ports: [{ containerPort: 80, protocol: 'TCP' }],
            resources: { requests: { cpu: '100m' } },
            livenessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 5 },
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
  });
  assert.deepEqual(decode(DEPLOYMENT, deployment), deployment);
});

test('[API30] decoding changes neither the input nor shares its parts', () => {
  const input = aPod({ image: 'nginx', env: [] });
  const before = structuredClone(input);
  const decoded = decode(POD, input) as { metadata: object };
  assert.deepEqual(input, before);
  assert.notEqual(decoded.metadata, (input as typeof decoded).metadata);
});

const WRONG_TYPES: readonly (readonly [what: string, value: object, message: string])[] = [
  [
    'a text for a count',
    aDeployment({ replicas: 'three' }),
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'a fraction for a count',
    aDeployment({ replicas: 1.5 }),
    'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'too large a count',
    aDeployment({ replicas: 2 ** 31 }),
    'json: cannot unmarshal number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'a list for an object',
    aDeployment([]),
    'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec',
  ],
  [
    'an object for a list',
    aDeployment({ template: { spec: { containers: {} } } }),
    'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
  ],
  [
    'a number in a list of objects',
    aDeployment({ template: { spec: { containers: [{ env: [{ name: 'A', value: 1 }] }] } } }),
    'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
  ],
  [
    'a number for a label',
    { metadata: { labels: { app: 1 } } },
    'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
  ],
  [
    'a flag for a named text',
    aDeployment({ template: { spec: { dnsPolicy: true } } }),
    'json: cannot unmarshal bool into Go struct field PodSpec.spec.template.spec.dnsPolicy of type v1.DNSPolicy',
  ],
  [
    'a text for a flag',
    aDeployment({ paused: 'yes' }),
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool',
  ],
  [
    'a broken quantity',
    aDeployment({ template: { spec: { containers: [{ resources: { limits: { cpu: 'lots' } } }] } } }),
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [
    'a flag for a count or percentage',
    aDeployment({ strategy: { rollingUpdate: { maxSurge: true } } }),
    'json: cannot unmarshal bool into Go value of type int32',
  ],
  [
    'a broken time',
    { metadata: { deletionTimestamp: 'now' } },
    'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
  ],
];

for (const [what, value, message] of WRONG_TYPES) {
  test(`[API31] ${what} is refused in upstream's words`, () => {
    const expected = new DecodeError(`Deployment in version "v1" cannot be handled as a Deployment: ${message}`);
    assert.throws(() => decode(DEPLOYMENT, value, 'Ignore'), expected);
  });
}

test('[API31] of several wrong values the first is told; a value that is no object at all is refused', () => {
  assert.throws(
    () => decode(DEPLOYMENT, aDeployment({ replicas: 'a', paused: 'b' })),
    /DeploymentSpec.spec.replicas of type int32$/,
  );
  assert.throws(() => decode(DEPLOYMENT, 'x'), /: json: cannot unmarshal string into Go value of type v1.Deployment$/);
});

test('[API32] strict validation refuses unknown and duplicate fields, naming each by its path', () => {
  const { value, duplicateFields } = parseJson(
    '{"metadata":{"name":"web","nmae":1},"spec":{"containers":[{"name":"a","image":"x","image":"y","prots":[]}]},"spce":{}}',
  );
  assert.throws(
    () => decodeObject(POD, value, { fieldValidation: 'Strict', duplicateFields }),
    new DecodeError(
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "metadata.nmae", ' +
        'duplicate field "spec.containers[0].image", unknown field "spec.containers[0].prots", unknown field "spce"',
    ),
  );
});

test('[API32] under Warn unknown fields are dropped with a warning, under Ignore without', () => {
  const pod = { ...aPod({ prots: [] }), spce: {} };
  const warned = decodeObject(POD, pod, { fieldValidation: 'Warn' });
  assert.deepEqual(warned.warnings, ['unknown field "spec.containers[0].prots"', 'unknown field "spce"']);
  const ignored = decodeObject(POD, pod, { fieldValidation: 'Ignore' });
  assert.deepEqual(ignored.warnings, []);
  assert.deepEqual(ignored.object, warned.object);
  assert.equal('spce' in ignored.object, false);
});

test('[API33] nulls and empty optional values count as absent; what a pointer upstream holds is kept', () => {
  const pod = aPod({
    image: '',
    args: [],
    env: null,
    tty: false,
    securityContext: {},
    livenessProbe: { terminationGracePeriodSeconds: 0, periodSeconds: 0 },
  });
  assert.deepEqual(decode(POD, pod), {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'app', securityContext: {}, livenessProbe: { terminationGracePeriodSeconds: 0 } }] },
  });
});

test('[API33] parts that code relies on are there even when the client sent nothing', () => {
  assert.deepEqual(decode(POD, {}), { metadata: {}, spec: { containers: [] } });
  assert.deepEqual(decode(DEPLOYMENT, {}), { metadata: {}, spec: { template: { spec: { containers: [] } } } });
  assert.deepEqual(decode(POD, { spec: { containers: [null] } }), {
    metadata: {},
    spec: { containers: [{ name: '' }] },
  });
});

test('[API34] quantities, times and byte strings are written canonically', () => {
  const pod = {
    metadata: { creationTimestamp: '2026-11-23T07:30:00.9+01:00' },
    spec: {
      containers: [{ name: 'a', resources: { requests: { cpu: 0.5, memory: '1024Mi', 'example.com/x': '0.0001' } } }],
    },
  };
  assert.deepEqual(decode(POD, pod), {
    metadata: { creationTimestamp: '2026-11-23T06:30:00Z' },
    spec: {
      containers: [{ name: 'a', resources: { requests: { cpu: '500m', memory: '1Gi', 'example.com/x': '1m' } } }],
    },
  });
  assert.deepEqual(decode(CONFIG_MAP, { metadata: {}, binaryData: { a: 'AAE=\n' } }), {
    metadata: {},
    binaryData: { a: 'AAE=' },
  });
  assert.throws(() => decode(CONFIG_MAP, { binaryData: { a: 'AA!=' } }), /illegal base64 data at input byte 2$/);
});

test('[API34] a key called __proto__ is data in a map and unknown in an object, and changes no prototype', () => {
  const { value } = parseJson('{"metadata":{"name":"c","labels":{"__proto__":"x"}},"data":{"constructor":"y"}}');
  const decoded = decode(CONFIG_MAP, value) as { metadata: { labels: object } };
  assert.deepEqual(Object.entries(decoded.metadata.labels), [['__proto__', 'x']]);
  assert.throws(() => decode(CONFIG_MAP, parseJson('{"__proto__":{}}').value), /unknown field "__proto__"$/);
  assert.throws(() => decode(CONFIG_MAP, parseJson('{"constructor":1}').value), /unknown field "constructor"$/);
});

test('[API35] the forms of a custom resource schema decode to themselves', () => {
  const schema = messageSchema('k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
  const value = {
    type: 'object',
    $ref: '#/x',
    default: { a: [1] },
    items: { type: 'string' },
    additionalProperties: true,
    dependencies: { a: ['b'] },
  };
  assert.deepEqual(decode(schema, value), value);
});

test('[API35] maps of lists decode to maps of plain lists', () => {
  const review = schemaFor({ group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview' })!;
  const value = { metadata: {}, spec: { token: 't' }, status: { user: { extra: { scopes: ['a', 'b'] } } } };
  assert.deepEqual(decode(review, value), value);
});
