/** Bodies made to take long: a head, one part again and again, and a tail, up to the size that the server reads. */
import { ApiError } from '#api/errors';
import type { GroupVersionKind } from '#api/schema/schema';
import { inEnvelope } from '#api/schema/protobuf-encode';
import type { BodyReader } from '#apiserver/http/body-reader';
import { CONTENT_TYPES } from '#apiserver/http/media-type';
import type { Chance } from '../chance.ts';
import { attemptTurns, type Target } from '../target.ts';
import { POD } from './samples.ts';

/** The part, or the one with a number. */
type Part = string | ((index: number) => string);

type Crafted = {
  readonly kind?: GroupVersionKind;
  readonly head: string;
  readonly part: Part;
  readonly tail?: string;
};

const STATEFUL_SET = { group: 'apps', version: 'v1', kind: 'StatefulSet' };
const CLUSTER_ROLE = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' };
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };
const DEFINITION = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };

const unique = (index: number): string => index.toString(36).padStart(5, 'k');

const JSON_BODIES: readonly Crafted[] = [
  { head: '{"spec":{"x":[', part: '1,', tail: '1]}}' },
  { head: '{"spec":{"x":[', part: '{},', tail: '1]}}' },
  { head: '{"spec":{"x":[', part: '[', tail: ']' },
  { head: '{"spec":{"x":[', part: `${'['.repeat(90)}${']'.repeat(90)},`, tail: '1]}}' },
  { head: '{"spec":{"x":[', part: '1234567890123456789,', tail: '1]}}' },
  { head: '{"spec":{"containers":[', part: '{},', tail: '{}]}}' },
  { head: '{"spec":{"containers":[', part: '{"name":"","name":""},', tail: '{}]}}' },
  { head: '{"spec":{"containers":[', part: '{"a":1,"a":2},' },
  { head: '{"spec":{"containers":[{"args":[', part: '"",', tail: '""]}]}}' },
  {
    head: '{"spec":{"containers":[{"args":["',
    part: String.raw`\"`,
    tail: '"]}],"terminationGracePeriodSeconds":9007199254740993}}',
  },
  { head: '{"spec":{"containers":[{"args":["', part: String.raw`\u0041`, tail: '"]}]}}' },
  { head: '{"spec":{"containers":[{"args":["', part: '\\\\', tail: '"]}]}}' },
  { head: '{"spec":{"containers":[{"args":["', part: 'é', tail: '"]}]}}' },
  { head: '{"spec":{"containers":[{"args":["', part: '"', tail: '"]}]}}' },
  { head: '{"spec":{"containers":[', part: '{"resources":{"limits":{"a":"1.234n"}}},', tail: '{}]}}' },
  { head: '{"metadata":{"labels":{', part: (index) => `"${unique(index)}":"",`, tail: '"a":"b"}}}' },
  { head: '{"metadata":{"managedFields":[', part: '{"time":"2026-01-01T00:00:00Z"},', tail: '{}]}}' },
  { kind: STATEFUL_SET, head: '{"spec":{"volumeClaimTemplates":[', part: '{},', tail: '{}]}}' },
  {
    kind: DEFINITION,
    head: '{"spec":{"versions":[',
    part: '{"schema":{"openAPIV3Schema":{"not":{}}}},',
    tail: '{}]}}',
  },
  { head: ' ', part: ' ', tail: '{}' },
  { head: '[', part: '{"op":"add","path":"/spec/replicas","value":1},', tail: '{}]' },
];

const YAML_BODIES: readonly Crafted[] = [
  ...JSON_BODIES,
  { head: '', part: '---\n' },
  { head: '', part: '- \n' },
  { head: '', part: '- - - - - - - -\n' },
  { head: '', part: 'k: v\n' },
  { head: '', part: (index) => `${unique(index)}: v\n` },
  { head: '', part: '? ' },
  { head: '', part: '# x\n' },
  { head: '', part: '- 0x1ffffffffffff\n' },
  { head: '', part: '- &a 1\n' },
  { head: '', part: ' !!str' },
  { head: 'data: {', part: '{', tail: '}' },
  { head: 'data: [', part: '1,', tail: ']' },
  { head: 'data: [', part: '{},', tail: ']' },
  { head: 'data:\n  a: |\n', part: '  x\n' },
  { head: 'data:\n  a: >\n', part: '  x\n' },
  { head: 'data:\n  a: ', part: 'x\n    ' },
  { head: 'data:\n  a: "', part: String.raw`\u0041`, tail: '"' },
  { head: 'data:\n  a: "', part: String.raw`\n`, tail: '"' },
  { head: "data:\n  a: '", part: "''", tail: "'" },
  { head: 'data:\n  a: "', part: '\n\n ', tail: '"' },
];

const PROTOBUF_BODIES: readonly Crafted[] = [
  { kind: CLUSTER_ROLE, head: '', part: '\x12\x00' },
  { kind: CLUSTER_ROLE, head: '', part: '\x12\x04\x0a\x02ab' },
  { kind: CONFIG_MAP, head: '', part: '\x12\x00' },
  { kind: CONFIG_MAP, head: '', part: (index) => `\x12\x07\x0a\x05${unique(index)}` },
  { kind: CONFIG_MAP, head: '', part: '\x0a\x07\x8a\x01\x04\x22\x02\x08\x01' },
  { kind: CONFIG_MAP, head: '', part: '\xf8\x01\x00' },
  { kind: STATEFUL_SET, head: '', part: '\x12\x02\x22\x00' },
];

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

/** Most are small, so that a run has many; one in fifty is as large as the server takes. */
export function craftedTarget(bodies: BodyReader): Target {
  for (const { part } of [...JSON_BODIES, ...YAML_BODIES, ...PROTOBUF_BODIES]) {
    // Parts with numbers take their time, which must not count as that of a case.
    if (typeof part !== 'string') repeated(part, 'utf8');
  }
  return {
    name: 'crafted body',
    share: 1,
    run: (chance) => {
      const size = chance.once(50) ? LARGEST : chance.below(SMALL);
      const patchType = chance.pick(PATCH_TYPES);
      const { bytes, contentType, type } = bodyOf(chance, size);
      const wanted = { type, fieldValidation: chance.pick(['Strict', 'Warn', 'Ignore'] as const) };
      return attemptTurns([ApiError], async () => {
        await nextTurn();
        if (contentType === CONTENT_TYPES.protobuf) await bodies.read('object', { bytes, contentType }, wanted);
        else if (chance.once(3)) await bodies.read('patch', { bytes, contentType: patchType }, wanted);
        else await bodies.read(chance.pick(['object', 'custom'] as const), { bytes, contentType }, wanted);
      });
    },
  };
}

// Making a body must not be what takes long.
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Made = { readonly bytes: Buffer; readonly contentType: string; readonly type: GroupVersionKind };

function bodyOf(chance: Chance, size: number): Made {
  switch (chance.below(3)) {
    case 0: {
      const crafted = chance.pick(PROTOBUF_BODIES);
      const { kind = POD.kind } = crafted;
      const message = filled(crafted, { size: size - ENVELOPE, encoding: 'latin1' });
      return { bytes: inEnvelope(kind, [message]), contentType: CONTENT_TYPES.protobuf, type: kind };
    }
    case 1:
      return textBody(chance.pick(JSON_BODIES), size, CONTENT_TYPES.json);
    default:
      return textBody(chance.pick(YAML_BODIES), size, CONTENT_TYPES.yaml);
  }
}

function textBody(crafted: Crafted, size: number, contentType: string): Made {
  return { bytes: filled(crafted, { size, encoding: 'utf8' }), contentType, type: crafted.kind ?? POD.kind };
}

const LARGEST = 3 * 1024 * 1024;
const SMALL = 20_000;
const ENVELOPE = 200;

type Filling = { readonly size: number; readonly encoding: 'utf8' | 'latin1' };

/** As many whole parts as there is room for. */
function filled({ head, part, tail = '' }: Crafted, { size, encoding }: Filling): Buffer {
  const [first, last] = [Buffer.from(head, encoding), Buffer.from(tail, encoding)];
  const room = Math.max(0, size - first.length - last.length);
  const partBytes = Buffer.byteLength(typeof part === 'string' ? part : part(0), encoding);
  const wholeParts = Math.floor(room / partBytes) * partBytes;
  return Buffer.concat([first, repeated(part, encoding).subarray(0, wholeParts), last]);
}

const repetitions = new Map<Part, Buffer>();

/** Made once. */
function repeated(part: Part, encoding: BufferEncoding): Buffer {
  const known = repetitions.get(part);
  if (known !== undefined) return known;
  const made = typeof part === 'string' ? Buffer.alloc(LARGEST, part, encoding) : Buffer.from(numbered(part), encoding);
  repetitions.set(part, made);
  return made;
}

function numbered(part: (index: number) => string): string {
  const count = Math.floor(LARGEST / part(0).length);
  return Array.from({ length: count }, (_each, index) => part(index)).join('');
}
