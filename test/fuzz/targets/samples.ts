/** Objects that hostile inputs start from. */
import fc from 'fast-check';
import type { JsonObject } from '#api/schema/decode';
import type { GroupVersionKind } from '#api/schema/schema';
import { anObjectOf, PROTOBUF_KINDS } from '../../builders/schema-objects.ts';

export type Sample = { readonly kind: GroupVersionKind; readonly object: JsonObject };

export const POD: Sample = {
  kind: { group: '', version: 'v1', kind: 'Pod' },
  object: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'default',
      labels: { app: 'web' },
      annotations: { note: 'a' },
      finalizers: ['x.y/z'],
    },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'nginx:1',
          command: ['sh', '-c'],
          env: [{ name: 'A', value: 'b' }],
          ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }],
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m' } },
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        },
      ],
      tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
      volumes: [{ name: 'v', configMap: { name: 'c', defaultMode: 420, items: [{ key: 'a', path: 'b' }] } }],
      terminationGracePeriodSeconds: 30,
    },
  },
};

export const DEPLOYMENT: Sample = {
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  object: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
      template: { metadata: { labels: { app: 'web' } }, spec: POD.object['spec'] },
    },
  },
};

export const CONFIG_MAP: Sample = {
  kind: { group: '', version: 'v1', kind: 'ConfigMap' },
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config', namespace: 'default' },
    data: { a: 'b', 'c.d': 'e\nf' },
    binaryData: { g: 'aGk=' },
  },
};

/** The three above and some of every kind there is. */
export function manySamples(seed: number): readonly Sample[] {
  const any = fc.constantFrom(...PROTOBUF_KINDS).chain((schema) =>
    anObjectOf(schema, 4).map((object): Sample => {
      const kind = schema.kind!;
      const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
      return { kind, object: { apiVersion, kind: kind.kind, ...(object as JsonObject) } };
    }),
  );
  // Small ones: large ones are only slower.
  const small = fc.sample(any, { seed, numRuns: 300 }).filter(({ object }) => JSON.stringify(object).length < 1500);
  return [POD, DEPLOYMENT, CONFIG_MAP, ...small];
}
