/** Samples of the core group and of events. */
import { LABELS, type Samples, TEMPLATE } from './sample.ts';

const CONDITION = { type: 'Tested', status: 'True', reason: 'E2E', message: 'set by a test' };

export const CORE: Samples = {
  'v1/configmaps': { content: { data: { color: 'red' }, binaryData: { seal: 'AAEC' } } },
  'v1/endpoints': {
    content: { subsets: [{ addresses: [{ ip: '198.18.0.7' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }] },
  },
  'v1/events': {
    content: { reason: 'Tested', message: 'a test event', type: 'Normal', count: 1 },
    contentOf: (name, namespace) => ({
      involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', name, namespace },
      source: { component: 'test' },
    }),
  },
  'events.k8s.io/v1/events': {
    content: {
      reason: 'Tested',
      action: 'Test',
      note: 'a test event',
      type: 'Normal',
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'test.example/controller',
      reportingInstance: 'test-1',
    },
    contentOf: (name, namespace) => ({ regarding: { apiVersion: 'v1', kind: 'ConfigMap', name, namespace } }),
  },
  'v1/limitranges': {
    content: { spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' } }] } },
  },
  'v1/namespaces': { content: {}, status: { phase: 'Active', conditions: [CONDITION] }, held: 'namespace' },
  'v1/nodes': {
    content: { spec: { unschedulable: true } },
    status: { capacity: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [CONDITION] },
  },
  'v1/persistentvolumeclaims': {
    content: {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
    },
    status: { phase: 'Pending', conditions: [CONDITION] },
    held: 'finalizers',
  },
  'v1/persistentvolumes': {
    content: {
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        hostPath: { path: '/data' },
        persistentVolumeReclaimPolicy: 'Retain',
      },
    },
    status: { phase: 'Available', message: 'set by a test', reason: 'E2E' },
    held: 'finalizers',
  },
  'v1/pods': {
    content: { spec: TEMPLATE.spec },
    status: { phase: 'Pending', conditions: [CONDITION], message: 'set by a test' },
  },
  'v1/podtemplates': { content: { template: TEMPLATE } },
  'v1/replicationcontrollers': {
    content: { spec: { replicas: 1, selector: LABELS, template: TEMPLATE } },
    status: { replicas: 0, conditions: [CONDITION] },
  },
  'v1/resourcequotas': {
    content: { spec: { hard: { pods: '3', cpu: '2', memory: '1Gi' } } },
    status: { hard: { pods: '3' }, used: { pods: '0' } },
  },
  'v1/secrets': { content: { type: 'Opaque', data: { password: 'c2VjcmV0' } } },
  'v1/serviceaccounts': { content: { automountServiceAccountToken: false } },
  'v1/services': {
    content: { spec: { selector: LABELS, ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }] } },
    status: { loadBalancer: {}, conditions: [{ ...CONDITION, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  },
};
