import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../meta/json-value.ts';
import { schemaFor } from '../schema/schema.ts';
import { structType } from './apply-type.ts';
import { checkConfiguration } from './check-configuration.ts';
import { applyConflictError } from './conflict.ts';
import { createdFields, zeroObject } from './created-fields.ts';
import type { FieldSet } from './field-set.ts';
import { lastAppliedFields, withLastApplied } from './last-applied.ts';
import { decodeManagers, encodeManagers, type Manager, type Managers, NO_MANAGERS } from './ownership.ts';
import { planApply } from './plan-apply.ts';
import { recordUpdate, type Writer } from './record-update.ts';
import type { Versions } from './versions.ts';

const SCHEMA = schemaFor({ group: 'apps', version: 'v1', kind: 'Deployment' })!;
const TYPE = structType(SCHEMA);
const VERSIONS: Versions = {
  typeIn: (apiVersion) => (apiVersion === 'apps/v1' ? TYPE : undefined),
  inVersion: (object) => object,
};
const ZERO = { apiVersion: 'apps/v1', kind: 'Deployment', ...zeroObject(SCHEMA) };

type State = { readonly object: JsonObject; readonly managers: Managers };
const NEW: State = { object: ZERO, managers: NO_MANAGERS };

function aDeployment(parts: { spec?: JsonObject; metadata?: JsonObject } = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...parts.metadata },
    ...(parts.spec === undefined ? {} : { spec: parts.spec }),
  };
}

const aWriter = (manager: string, rest: Partial<Writer> = {}): Writer => ({
  manager,
  apiVersion: 'apps/v1',
  subresource: '',
  part: 'spec',
  time: '2026-01-01T00:00:00Z',
  ...rest,
});

/** A manager by its name, or with what is special about it. */
type By = string | (Partial<Writer> & { readonly manager: string; readonly onConflict?: 'refuse' | 'take over' });
const writerOf = (by: By): Writer => (typeof by === 'string' ? aWriter(by) : aWriter(by.manager, by));

function apply({ object: live, managers }: State, by: By, configuration: JsonObject): State {
  const onConflict = (typeof by === 'string' ? undefined : by.onConflict) ?? 'refuse';
  const plan = planApply({ live, configuration, managers, versions: VERSIONS, writer: writerOf(by), onConflict });
  if ('conflicts' in plan) throw applyConflictError(plan.conflicts);
  return plan;
}

function update(state: State, by: By, object: JsonObject): State {
  const states = { before: state.object, after: object };
  return { object, managers: recordUpdate(state.managers, { states, versions: VERSIONS, writer: writerOf(by) }) };
}

const specOf = ({ object }: State): unknown => object['spec'];
const fieldsOf = ({ managers }: State): unknown =>
  Object.fromEntries(
    [...managers.values()].map(({ manager, subresource, fields }) => [
      [manager, subresource].filter(Boolean).join('/'),
      fields,
    ]),
  );
const container = (name: string, rest: JsonObject = {}): JsonObject => ({ name, ...rest });
const pods = (...containers: readonly JsonObject[]): JsonObject => ({ template: { spec: { containers } } });
const containersOf = (state: State): unknown =>
  (specOf(state) as { template: { spec: { containers?: unknown } } }).template.spec.containers;

test('[APL1] who applies owns the fields it names, and the items of lists by their keys', () => {
  const ports = [{ containerPort: 80 }];
  const state = apply(
    NEW,
    'a',
    aDeployment({ metadata: { labels: { app: 'x' } }, spec: { replicas: 2, ...pods(container('main', { ports })) } }),
  );
  assert.deepEqual(fieldsOf(state), {
    a: {
      'f:metadata': { 'f:labels': { 'f:app': {} } },
      'f:spec': {
        'f:replicas': {},
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"main"}': {
                '.': {},
                'f:name': {},
                'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
              },
            },
          },
        },
      },
    },
  });
});

test('[APL2] who creates or updates owns what it changes, holders of what was not there before included', () => {
  const object = aDeployment({
    metadata: { uid: 'u', labels: { app: 'x' } },
    spec: { replicas: 1, ...pods(container('main')) },
  });
  const made = update(NEW, 'maker', object);
  const expected = {
    'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:name': {} } } } },
    },
  };
  assert.deepEqual(fieldsOf(made), { maker: expected });
  assert.deepEqual(
    createdFields({ schema: SCHEMA, reset: ['status'] }, { ...object, status: { replicas: 1 } }),
    expected,
  );
  const scaled = update(made, 'scaler', { ...object, spec: { ...(object['spec'] as JsonObject), replicas: 5 } });
  assert.deepEqual((fieldsOf(scaled) as JsonObject)['scaler'], { 'f:spec': { 'f:replicas': {} } });
  const { 'f:replicas': _, ...kept } = expected['f:spec'];
  assert.deepEqual((fieldsOf(scaled) as JsonObject)['maker'], { ...expected, 'f:spec': kept });
});

test('[APL2] objects whose maps have the same names share what their maker owns, others do not', () => {
  const made = (labels: JsonObject): FieldSet =>
    createdFields({ schema: SCHEMA, reset: [] }, aDeployment({ metadata: { labels } }));
  const first = made({ a: '1', b: '2' });
  assert.equal(made({ a: '3', b: '4' }), first);
  assert.deepEqual(made({ 'a\0b': '1' }), { 'f:metadata': { 'f:labels': { '.': {}, 'f:a\0b': {} } } });
  assert.deepEqual(made({ a: '3', b: '4' }), first);
  assert.deepEqual(made({}), { 'f:metadata': { 'f:labels': {} } });
});

test('[APL2] what an update removes is nobody’s, and one who keeps nothing is forgotten', () => {
  const made = update(NEW, 'maker', aDeployment({ spec: { paused: true } }));
  assert.deepEqual(fieldsOf(update(made, 'other', aDeployment({ spec: {} }))), {});
});

test('[APL3] fields of equal value have several owners; one who leaves off keeps them for the others', () => {
  const configuration = aDeployment({ spec: { replicas: 3, minReadySeconds: 5 } });
  const both = apply(apply(NEW, 'a', configuration), 'b', aDeployment({ spec: { replicas: 3 } }));
  const left = apply(both, 'a', aDeployment());
  assert.equal((specOf(left) as JsonObject)['replicas'], 3);
  assert.equal((specOf(left) as JsonObject)['minReadySeconds'], undefined);
  assert.deepEqual(fieldsOf(left), { b: { 'f:spec': { 'f:replicas': {} } } });
});

test('[APL4] another value for an owned field is a conflict that names managers and fields', () => {
  const made = update(NEW, 'kubectl-client-side-apply', aDeployment({ spec: { replicas: 1, paused: true } }));
  assert.throws(() => apply(made, 'b', aDeployment({ spec: { replicas: 2 } })), {
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
    details: {
      causes: [
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "kubectl-client-side-apply" using apps/v1',
          field: '.spec.replicas',
        },
      ],
    },
  });
  const shared = apply(made, 'z', aDeployment({ spec: { ...pods(container('main', { image: 'a' })) } }));
  const scaled = update(
    shared,
    { manager: 'k', subresource: 'scale' },
    { ...shared.object, spec: { ...(specOf(shared) as JsonObject), replicas: 7 } },
  );
  const configuration = aDeployment({
    spec: { replicas: 2, paused: false, ...pods(container('main', { image: 'b' })) },
  });
  assert.throws(() => apply(scaled, 'b', configuration), {
    message: [
      'Apply failed with 3 conflicts: conflicts with "k" with subresource "scale" using apps/v1:',
      '- .spec.replicas',
      'conflicts with "kubectl-client-side-apply" using apps/v1:',
      '- .spec.paused',
      'conflicts with "z":',
      '- .spec.template.spec.containers[name="main"].image',
    ].join('\n'),
  });
});

test('[APL5] a forced apply takes the fields it conflicts about', () => {
  const made = update(NEW, 'a', aDeployment({ spec: { replicas: 1, paused: true } }));
  const taken = apply(made, { manager: 'b', onConflict: 'take over' }, aDeployment({ spec: { replicas: 2 } }));
  assert.deepEqual(specOf(taken), { replicas: 2, paused: true });
  assert.deepEqual(fieldsOf(taken), { a: { 'f:spec': { 'f:paused': {} } }, b: { 'f:spec': { 'f:replicas': {} } } });
});

test('[APL6] what is no longer applied goes, items of lists with what the server filled in, unless others own it', () => {
  const applied = apply(
    NEW,
    'a',
    aDeployment({ spec: { replicas: 2, ...pods(container('x', { image: 'i' }), container('y')) } }),
  );
  const defaulted = {
    ...applied.object,
    spec: pods(container('x', { image: 'i', tty: true }), container('y', { tty: true })),
  };
  const state = { object: { ...defaulted, spec: { ...defaulted.spec, replicas: 2 } }, managers: applied.managers };
  const next = apply(state, 'a', aDeployment({ spec: { ...pods(container('x')) } }));
  assert.deepEqual(specOf(next), pods(container('x', { tty: true })));
  const claimed = apply(state, 'b', aDeployment({ spec: { ...pods(container('y')) } }));
  const kept = apply(claimed, 'a', aDeployment({ spec: { ...pods(container('x', { image: 'i' })) } }));
  assert.deepEqual(containersOf(kept), [container('x', { image: 'i', tty: true }), container('y', { tty: true })]);
});

test('[APL6] entries of maps and members of sets that are no longer applied go', () => {
  const first = { labels: { a: '1', b: '2' }, finalizers: ['x.io/f', 'x.io/g'] };
  const second = { labels: { b: '2' }, finalizers: ['x.io/g'] };
  const next = apply(apply(NEW, 'a', aDeployment({ metadata: first })), 'a', aDeployment({ metadata: second }));
  assert.deepEqual(next.object['metadata'], { name: 'web', ...second });
});

test('[APL7] lists with keys merge by them and stand in the order of the configuration, lists without are replaced whole', () => {
  const live = apply(NEW, 'a', aDeployment({ spec: { ...pods(container('x'), container('y'), container('z')) } }));
  const next = apply(live, 'b', aDeployment({ spec: { ...pods(container('z'), container('n'), container('x')) } }));
  assert.deepEqual(
    containersOf(next),
    ['y', 'z', 'n', 'x'].map((name) => container(name)),
  );
  const args = (list: readonly string[]): JsonObject =>
    aDeployment({ spec: { ...pods(container('x', { args: list })) } });
  const replaced = apply(apply(NEW, 'a', args(['1', '2'])), 'a', args(['3']));
  assert.deepEqual(containersOf(replaced), [container('x', { args: ['3'] })]);
});

test('[APL8] a configuration with unknown fields, wrong types or items named twice is none', () => {
  const problemsOf = (spec: JsonObject): string | undefined => checkConfiguration(TYPE, aDeployment({ spec }));
  assert.equal(problemsOf({ replicas: 1, paused: null }), undefined);
  assert.equal(problemsOf({ replicass: 1 }), '.spec.replicass: field not declared in schema');
  assert.equal(problemsOf({ replicas: '1' }), '.spec.replicas: expected numeric (int or float), got string');
  assert.equal(problemsOf({ paused: 'yes' }), '.spec.paused: expected boolean, got &{yes}');
  assert.equal(problemsOf({ template: 'x' }), '.spec.template: expected map, got &{x}');
  assert.equal(
    problemsOf(pods(container('a'), container('a'))),
    '.spec.template.spec.containers: duplicate entries for key [name="a"]',
  );
  assert.equal(
    problemsOf(pods({ image: 'a' })),
    '.spec.template.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
  );
  assert.equal(
    problemsOf({ replicas: '1', ...pods(container('a', { env: [{ name: 'E', value: 1 }] })) }),
    'errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.template.spec.containers[name="a"].env[name="E"].value: expected string, got &value.valueUnstructured{Value:1}',
  );
});

test('[APL9] writers of the status own nothing else, and others nothing of it', () => {
  const both = { ...aDeployment({ spec: { replicas: 1 } }), status: { replicas: 1 } };
  const spec = update(NEW, 'a', both);
  const status = update(
    { ...spec, object: aDeployment({ spec: { replicas: 1 } }) },
    { manager: 'a', subresource: 'status', part: 'status' },
    both,
  );
  assert.deepEqual(fieldsOf(status), {
    a: { 'f:spec': { 'f:replicas': {} } },
    'a/status': { 'f:status': { '.': {}, 'f:replicas': {} } },
  });
  const applied = apply(NEW, { manager: 's', subresource: 'status', part: 'status' }, both);
  assert.deepEqual(fieldsOf(applied), { 's/status': { 'f:status': { 'f:replicas': {} } } });
});

test('[APL10] applying what is there changes nothing', () => {
  const configuration = aDeployment({
    metadata: { labels: { a: 'b' } },
    spec: { replicas: 2, ...pods(container('x')) },
  });
  const applied = apply(NEW, 'a', configuration);
  const again = apply(applied, { manager: 'a', time: '2026-01-02T00:00:00Z' }, structuredClone(configuration));
  assert.equal(again.object, applied.object);
  assert.equal([...again.managers.values()][0]?.fields, [...applied.managers.values()][0]?.fields);
  const rewritten = update(update(NEW, 'm', configuration), 'm', {
    ...configuration,
    spec: { replicas: 9, ...pods(container('x')) },
  });
  assert.deepEqual(fieldsOf(rewritten), fieldsOf(update(NEW, 'm', configuration)));
});

test('[APL11] of more than ten updating managers the oldest become one', () => {
  let state = NEW;
  for (let number = 0; number < 12; number++) {
    const labels = { ...(state.object['metadata'] as { labels?: JsonObject }).labels, [`l${number}`]: 'x' };
    const time = `2026-01-01T00:00:${String(number).padStart(2, '0')}Z`;
    state = update(state, { manager: `m${number}`, time }, aDeployment({ metadata: { labels } }));
  }
  const entries = encodeManagers(state.managers) ?? [];
  assert.equal(entries.length, 10);
  assert.deepEqual(entries[0], {
    manager: 'ancient-changes',
    operation: 'Update',
    apiVersion: 'apps/v1',
    time: '2026-01-01T00:00:02Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:l0': {}, 'f:l1': {}, 'f:l2': {} } } },
  });
});

test('[APL12] managers are read from entries and written as the same entries; broken entries are none', () => {
  const entry = (manager: string, rest: JsonObject = {}) => ({
    manager,
    operation: 'Update',
    apiVersion: 'apps/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    ...rest,
  });
  const entries = [entry('z', { operation: 'Apply' }), entry('a', { subresource: 'status' }), entry('b')];
  const managers = decodeManagers(entries) as ReadonlyMap<string, Manager>;
  assert.deepEqual(encodeManagers(managers), entries);
  assert.equal(encodeManagers(managers)?.[1], entries[1]);
  for (const broken of [
    { operation: 'Patch' },
    { apiVersion: '' },
    { fieldsType: 'FieldsV2' },
    { fieldsV1: { spec: {} } },
  ]) {
    assert.equal(decodeManagers([entry('a', broken)]), undefined);
  }
});

test('[APL13] managers of a version that no longer exists are forgotten', () => {
  const old: Manager = {
    manager: 'old',
    operation: 'Update',
    apiVersion: 'apps/v1beta1',
    subresource: '',
    time: undefined,
    fields: { 'f:spec': { 'f:replicas': {} } },
  };
  const state = { object: aDeployment({ spec: { replicas: 1 } }), managers: new Map([['old', old]]) };
  assert.deepEqual(fieldsOf(update(state, 'a', aDeployment({ spec: { replicas: 2 } }))), {
    a: { 'f:spec': { 'f:replicas': {} } },
  });
  assert.deepEqual(fieldsOf(apply(state, 'a', aDeployment({ spec: { replicas: 2 } }))), {
    a: { 'f:spec': { 'f:replicas': {} } },
  });
});

test('[APL14] kubectl may take what client-side apply set last and nobody changed since', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const text = JSON.stringify(aDeployment({ spec: { replicas: 1, paused: true } }));
  const live = aDeployment({ metadata: { annotations: { [annotation]: text } }, spec: { replicas: 1, paused: false } });
  assert.deepEqual(lastAppliedFields(VERSIONS, live), {
    'f:apiVersion': {},
    'f:kind': {},
    'f:metadata': { 'f:name': {} },
    'f:spec': { 'f:replicas': {} },
  });
  const other = { ...live, apiVersion: 'apps/v2' };
  assert.deepEqual([lastAppliedFields(VERSIONS, other), lastAppliedFields(VERSIONS, aDeployment())], [{}, {}]);
  const next = withLastApplied(live, aDeployment({ spec: { replicas: 4 } }));
  assert.equal(
    (next['metadata'] as { annotations: JsonObject }).annotations[annotation],
    '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":4}}\n',
  );
  const bare = aDeployment();
  assert.equal(withLastApplied(bare, live), bare);
});
