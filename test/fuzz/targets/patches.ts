/** Patches of all kinds against a Deployment, and what comes of them decoded again. */
import { ApiError } from '#api/errors';
import { ExactInteger } from '#api/meta/exact-integer';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, PatchType } from '#api/request';
import { deepFreeze } from '#base/deep-freeze';
import { decodePatchBody } from '#apiserver/http/decode-body';
import { applyPatchDocument } from '#apiserver/registry/apply-patch';
import { decodeBuiltIn } from '#apiserver/registry/decode';
import { assertPlain } from '../campaign.ts';
import type { Chance } from '../chance.ts';
import { attempt, type Outcome, type Target } from '../target.ts';
import { DEPLOYMENT, POD } from './samples.ts';

const PLAIN = [ExactInteger.prototype];
const OBJECT = deepFreeze(structuredClone(DEPLOYMENT.object)) as unknown as ApiObject;
const [POD_SPEC, SPEC] = [POD.object['spec'], DEPLOYMENT.object['spec']];

const OPERATIONS = [
  { op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'x' } },
  { op: 'remove', path: '/spec/replicas' },
  { op: 'replace', path: '/metadata/labels/app', value: 'y' },
  { op: 'move', from: '/spec/selector', path: '/spec/other' },
  { op: 'copy', from: '/spec', path: '/spec/copy' },
  { op: 'test', path: '/spec/replicas', value: 2 },
];

const STRATEGIC = [
  {
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'main', image: 'x' },
            { name: 'y', $patch: 'delete' },
          ],
        },
      },
    },
  },
  { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
  { metadata: { '$deleteFromPrimitiveList/finalizers': ['x.y/z'], finalizers: ['a'] } },
  {
    spec: {
      template: { spec: { '$setElementOrder/containers': [{ name: 'y' }, { name: 'main' }], $patch: 'replace' } },
    },
  },
];

const MERGES = [{ spec: SPEC, metadata: { labels: null } }, { spec: { template: { spec: POD_SPEC } } }];

function operations(chance: Chance): unknown {
  const count = 1 + chance.below(5);
  return Array.from({ length: count }, () => {
    const operation = chance.pick(OPERATIONS);
    if (chance.once(4)) return chance.changedJson(operation);
    return { ...operation, path: chance.once(2) ? chance.changed(operation.path) : operation.path };
  });
}

const DOCUMENTS: Readonly<Partial<Record<PatchType, (chance: Chance) => unknown>>> = {
  'application/json-patch+json': operations,
  'application/merge-patch+json': (chance) => chance.changedJson(chance.pick(MERGES)),
  'application/strategic-merge-patch+json': (chance) => chance.changedJson(chance.pick(STRATEGIC)),
};

const SHARES: Readonly<Record<string, number>> = { 'application/strategic-merge-patch+json': 4 };

/** `ask` sends a request about Deployments to a server that has one. */
export function patchTargets(ask: (request: Partial<ApiRequest>) => Promise<ApiResult>): readonly Target[] {
  const direct = Object.entries(DOCUMENTS).map(([contentType, documentOf]): Target => ({
    name: contentType.replace(/^application\/|\+json$/g, ''),
    share: SHARES[contentType] ?? 3,
    run: (chance) => {
      const bytes = Buffer.from(JSON.stringify(documentOf(chance)) ?? '');
      return attempt([ApiError], () => {
        const { patchType, body } = decodePatchBody({ bytes, contentType }, { fieldValidation: 'Warn' });
        const patched = applyPatchDocument({ patchType, document: body }, OBJECT, DEPLOYMENT.kind);
        assertPlain(patched, PLAIN);
        assertPlain(decodeBuiltIn({ value: patched }, DEPLOYMENT.kind, 'Warn').object, PLAIN);
      });
    },
  }));
  return [...direct, { name: 'apply', share: 2, run: (chance) => applied(chance, ask) }];
}

async function applied(chance: Chance, ask: (request: Partial<ApiRequest>) => Promise<ApiResult>): Promise<Outcome> {
  const bytes = Buffer.from(JSON.stringify(chance.changedJson(DEPLOYMENT.object)) ?? '');
  try {
    const patch = decodePatchBody({ bytes, contentType: 'application/apply-patch+yaml' }, { fieldValidation: 'Warn' });
    const options = { fieldManager: chance.pick(['a', 'b']), force: chance.once(2), dryRun: true };
    const result = await ask({ verb: 'patch', name: 'web', ...patch, options });
    if (result.type === 'object') assertPlain(result.object, PLAIN);
    return 'accepted';
  } catch (error) {
    // What does not fit the kind is, as upstream has it, an error without a reason.
    if (error instanceof ApiError && (error.code < 500 || error.reason === 'Unknown')) return 'refused';
    throw error;
  }
}
