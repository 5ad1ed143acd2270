/** The objects that workloads write: a pod and a config map as a user would send them, each about 1.5 KB of JSON. */
import type { ConfigMap } from '#api/core/config-map';
import type { Pod } from '#api/core/pod';
import type { Unsaved } from '#api/object';

const NAMESPACE = 'default';

export function aWorkloadPod(name: string): Unsaved<Pod> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: {
        app: 'web-app',
        tier: 'frontend',
        'app.kubernetes.io/name': 'web-app',
        'app.kubernetes.io/part-of': 'shop',
        'pod-template-hash': '7d9c6b5f4',
      },
      annotations: { 'example.com/owner': 'team-shop@example.com', 'example.com/checksum': 'c0ffee'.repeat(10) },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web-app-7d9c6b5f4',
          uid: 'b1f7a5c0-6a52-4f1d-9d2c-2f0a1f6f8a11',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'nginx:1.20',
          ports: [{ name: 'http', containerPort: 80 }],
          env: [
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'LOG_LEVEL', valueFrom: { configMapKeyRef: { name: 'app-config', key: 'log-level' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'app-secrets', key: 'password' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '200m', memory: '256Mi' } },
          livenessProbe: { httpGet: { path: '/health', port: 'http' }, initialDelaySeconds: 5, periodSeconds: 10 },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/app', readOnly: true }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'app-config' } }],
      terminationGracePeriodSeconds: 30,
    },
  } as Unsaved<Pod>;
}

export function aWorkloadConfigMap(name: string): Unsaved<ConfigMap> {
  const line = 'upstream backend { server web-service.default.svc.cluster.local:80 max_fails=3; }\n';
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE, labels: { app: 'web-app', tier: 'frontend' } },
    data: { 'log-level': 'info', 'nginx.conf': line.repeat(15) },
  } as Unsaved<ConfigMap>;
}
