import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeScenario } from './decode-scenario.ts';

const document = (spec: object, rest: object = {}): unknown => ({
  apiVersion: 'simulate.tutti.io/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'test' },
  spec,
  ...rest,
});

function faults(value: unknown): readonly string[] {
  const decoded = decodeScenario(value);
  return 'errors' in decoded ? decoded.errors.map(({ field, message }) => `${field}: ${message}`) : [];
}

test('[SIM10] a scenario is read with its times in order and its defaults', () => {
  const workload = { name: 'web' };
  const decoded = decodeScenario(
    document({
      duration: '1h',
      actions: [
        { at: '10m', traffic: { workload: { ...workload, kind: 'StatefulSet', namespace: 'shop' }, cpu: '1500m' } },
        { at: '90s', drain: { nodes: ['node-1'] } },
        { scale: { workload, replicas: 0 } },
        { at: '2m', addNodes: { count: 2, capacity: { cpu: 4, memory: '1Gi' }, labels: { a: 'b' } } },
      ],
    }),
  );
  const ref = { kind: 'Deployment', namespace: 'default', name: 'web' };
  const add = {
    count: 2,
    namePrefix: 'added',
    labels: { a: 'b' },
    milliCores: 4_000,
    memoryBytes: 1024 ** 3,
    pods: 110,
  };
  assert.deepEqual(decoded, {
    scenario: {
      name: 'test',
      durationMs: 3_600_000,
      warmUpMs: 120_000,
      actions: [
        { atMs: 0, action: { type: 'scale', workload: ref, replicas: 0 } },
        { atMs: 90_000, action: { type: 'drain', on: { nodes: ['node-1'] } } },
        { atMs: 120_000, action: { type: 'addNodes', add } },
        {
          atMs: 600_000,
          action: {
            type: 'traffic',
            workload: { kind: 'StatefulSet', namespace: 'shop', name: 'web' },
            milliCores: 1_500,
          },
        },
      ],
    },
  });
});

test('[SIM11] everything that is wrong with a scenario is told with the path of its field', () => {
  assert.deepEqual(
    faults({
      apiVersion: 'v1',
      kind: 'Scenario',
      metadata: {},
      spec: {
        duration: 'long',
        warmup: '1m',
        actions: [
          { at: '1m' },
          { drain: { nodes: [] }, scale: {} },
          { outage: { zone: 'a' } },
          { scale: { workload: { kind: 'DaemonSet', name: 'logs' }, replicas: -1 } },
          { addNodes: { count: 0, capacity: { cpu: 'much' } } },
          { drain: { selector: 'a in b' } },
        ],
      },
    }),
    [
      'apiVersion: Unsupported value: "v1": supported values: "simulate.tutti.io/v1alpha1"',
      'metadata.name: Required value',
      'spec.duration: Invalid value: "long": must be a duration such as "90s" or "1h30m"',
      'spec.actions[0].<action>: Required value: one of drain, uncordon, outage, upgradeNodes, addNodes, removeNodes, traffic, rollout, scale',
      'spec.actions[1].scale: Invalid value: "scale": must be the only action of its entry',
      'spec.actions[1].scale.workload: Required value',
      'spec.actions[1].scale.replicas: Required value',
      'spec.actions[1].drain.nodes: Invalid value: []: must be a list of names',
      'spec.actions[2].outage.for: Required value',
      'spec.actions[3].scale.workload.kind: Unsupported value: "DaemonSet": supported values: "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"',
      'spec.actions[3].scale.replicas: Invalid value: -1: must be a whole number, 0 or more',
      'spec.actions[4].addNodes.count: Invalid value: 0: must be 1 to 5000',
      'spec.actions[4].addNodes.capacity.cpu: Invalid value: "much": must be a quantity such as "500m" or "4Gi"',
      'spec.actions[4].addNodes.capacity.memory: Required value',
      `spec.actions[5].drain.selector: Invalid value: "a in b": unable to parse requirement: found 'b' expected: '('`,
      'spec.warmup: Invalid value: "1m": no such field',
    ],
  );
  assert.deepEqual(faults([]), ['<document>: Invalid value: []: must be an object']);
  assert.deepEqual(faults(undefined), ['<document>: Required value']);
  const capacity = { cpu: 1, memory: '1Gi' };
  const actions = [
    { at: '2m', uncordon: { zone: 'a' } },
    7,
    { addNodes: { count: 1, namePrefix: 'X', capacity, labels: { a: 'b c' } } },
  ];
  const [late, none, name, label, ...others] = faults(document({ duration: '1m', actions }));
  assert.deepEqual(
    [late, none, others],
    [
      'spec.actions[0].at: Invalid value: "2m": must not be after the end, which is spec.duration',
      'spec.actions[1]: Invalid value: 7: must be an object',
      [],
    ],
  );
  assert.match(label ?? '', /^spec\.actions\[2\]\.addNodes\.labels: Invalid value: "b c"/);
  assert.match(
    name ?? '',
    /^spec\.actions\[2\]\.addNodes\.namePrefix: Invalid value: "X": a lowercase RFC 1123 subdomain/,
  );
});
