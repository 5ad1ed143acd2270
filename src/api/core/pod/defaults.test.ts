import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newPod, newPodWith } from '#test/builders/kinds';
import type { Container, PodSpec, Volume } from '../../types/core-v1.ts';
import { Pod } from '../pod.ts';
import { defaultPodSpec } from './defaults.ts';
import { defaultPullPolicy } from './image.ts';

const containerOf = (container: Partial<Container>, spec: Partial<PodSpec> = {}): Container | undefined =>
  Pod.applyDefaults(newPodWith(container, spec)).spec.containers[0];
const volumeOf = (volume: Partial<Volume>): Volume | undefined =>
  Pod.applyDefaults(newPod({ volumes: [{ name: 'v', ...volume }] })).spec.volumes?.[0];

test('[KIN20] a pod gets what its author left open', () => {
  const { containers: _, ...spec } = Pod.applyDefaults(newPod()).spec;
  assert.deepEqual(spec, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
    enableServiceLinks: true,
  });
});

test('[KIN20] a container gets what its author left open', () => {
  assert.deepEqual(
    containerOf({
      ports: [{ containerPort: 80 }],
      env: [
        { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      ],
      livenessProbe: { httpGet: { port: 80 } },
      readinessProbe: { grpc: { port: 80 }, periodSeconds: 3 },
      lifecycle: { preStop: { httpGet: { port: 80 } } },
    }),
    {
      name: 'web',
      image: 'nginx:1.20',
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      resources: {},
      ports: [{ containerPort: 80, protocol: 'TCP' }],
      env: [
        { name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
        { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } },
      ],
      livenessProbe: {
        httpGet: { port: 80, path: '/', scheme: 'HTTP' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      readinessProbe: {
        grpc: { port: 80, service: '' },
        timeoutSeconds: 1,
        periodSeconds: 3,
        successThreshold: 1,
        failureThreshold: 3,
      },
      lifecycle: { preStop: { httpGet: { port: 80, path: '/', scheme: 'HTTP' } } },
    },
  );
});

test('[KIN21] requests follow limits, resource by resource', () => {
  const container = containerOf({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } });
  assert.deepEqual(container?.resources?.requests, { cpu: '500m', memory: '1Gi' });
});

test('[KIN21] requests of a template stay open', () => {
  const spec = defaultPodSpec(newPodWith({ resources: { limits: { cpu: '1' } } }).spec);
  assert.deepEqual(spec.containers[0]?.resources, { limits: { cpu: '1' } });
  assert.equal(spec.enableServiceLinks, undefined);
});

test('[KIN22] on the host network a port is a port of the host', () => {
  const container = containerOf({ ports: [{ containerPort: 80 }] }, { hostNetwork: true });
  assert.equal(container?.ports?.[0]?.hostPort, 80);
});

const IMAGES: readonly (readonly [string, string])[] = [
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['registry.example.com:5000/team/nginx', 'Always'],
  ['nginx:1.20', 'IfNotPresent'],
  ['registry.example.com:5000/team/nginx:1.20', 'IfNotPresent'],
  [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  [`nginx:latest@sha256:${'a'.repeat(64)}`, 'Always'],
  ['', 'IfNotPresent'],
];

for (const [image, policy] of IMAGES) {
  test(`[KIN23] image ${JSON.stringify(image)} is pulled ${policy}`, () => {
    assert.equal(defaultPullPolicy(image), policy);
  });
}

const VOLUMES: readonly (readonly [Partial<Volume>, Partial<Volume>])[] = [
  [{}, { emptyDir: {} }],
  [{ secret: { secretName: 's' } }, { secret: { secretName: 's', defaultMode: 420 } }],
  [{ configMap: { name: 'c', defaultMode: 0o400 } }, { configMap: { name: 'c', defaultMode: 256 } }],
  [{ hostPath: { path: '/x' } }, { hostPath: { path: '/x', type: '' } }],
  [
    { downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.name' } }] } },
    {
      downwardAPI: {
        items: [{ path: 'x', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }],
        defaultMode: 420,
      },
    },
  ],
  [
    { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    { projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }], defaultMode: 420 } },
  ],
];

for (const [sent, expected] of VOLUMES) {
  test(`[KIN24] volume ${JSON.stringify(sent)} gets its defaults`, () => {
    assert.deepEqual(volumeOf(sent), { name: 'v', ...expected });
  });
}

test('[KIN25] a service account has the same name under both names', () => {
  const { spec } = Pod.applyDefaults(newPod({ serviceAccount: 'robot' }));
  assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['robot', 'robot']);
});

test('[KIN26] a pod that limits itself requests what its containers do, or its limits', () => {
  const { spec } = Pod.applyDefaults(
    newPodWith({ resources: { requests: { cpu: '100m' } } }, { resources: { limits: { cpu: '1', memory: '1Gi' } } }),
  );
  assert.deepEqual(spec.resources, {
    limits: { cpu: '1', memory: '1Gi' },
    requests: { cpu: '100m', memory: '1Gi' },
  });
});

test('[KIN27] defaults are filled in once, and pods of one spec share the result', () => {
  const spec = deepFreeze(newPod().spec);
  const first = Pod.applyDefaults({ ...newPod(), spec });
  const second = Pod.applyDefaults({ ...newPod(), spec });
  assert.equal(first.spec, second.spec);
  assert.equal(Pod.applyDefaults(first), first);
});

test('[KIN27] pods whose specs read the same share the result too', () => {
  const first = Pod.applyDefaults(newPod());
  const copy = Pod.applyDefaults(structuredClone(newPod()));
  assert.equal(first.spec, copy.spec);
  const other = Pod.applyDefaults(newPod({ nodeName: 'n1' }));
  assert.deepEqual([other.spec.nodeName, first.spec.nodeName], ['n1', undefined]);
});

test('[KIN28] a new pod is pending, in the class it bought, whatever status was sent', () => {
  const pod: Pod = {
    ...newPodWith({ resources: { limits: { cpu: '1', memory: '1Gi' } } }),
    status: { phase: 'Running' },
  };
  assert.deepEqual(create(Pod, pod).object.status, { phase: 'Pending', qosClass: 'Guaranteed' });
});

test('[KIN28] a pod with gates says that they hold it', () => {
  const { object } = create(Pod, newPod({ schedulingGates: [{ name: 'example.com/wait' }] }));
  assert.deepEqual(object.status?.conditions, [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    },
  ]);
});

test('[KIN29] matchLabelKeys become expressions with the labels the pod has', () => {
  const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'zone' };
  const affinity = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, matchLabelKeys: ['hash', 'absent'] }],
    },
  };
  const pod = newPod({ affinity });
  const { object, errors } = create(Pod, { ...pod, metadata: { ...pod.metadata, labels: { hash: 'h1' } } });
  assert.deepEqual(errors, []);
  assert.deepEqual(
    object.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector,
    { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'hash', operator: 'In', values: ['h1'] }] },
  );
});
