/** Samples of what belongs to the cluster: rights, networks, storage, classes, extensions. */
import { createHash } from 'node:crypto';
import { LABELS, type Samples } from './sample.ts';

const RULES = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const SUBJECTS = [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }];
const roleRef = (kind: string): object => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: 'reader' });
// A request for the user `test`, signed with a key that nobody kept.
const REQUEST = [
  '-----BEGIN CERTIFICATE REQUEST-----',
  'MIHKMHECAQAwDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEH',
  'A0IABPrDVbkIoFC0Zd3SCjpwWRxnOJZgA/N6N5Vof57siD+bj66ZeknWmExEYXKV',
  'fpQalitn4lPvIQNdprckumOGo16gADAKBggqhkjOPQQDAgNJADBGAiEA4CAqqdXn',
  'S/Pc3YovFNp8PtoX7DoUdyIomVdJBjlH3J0CIQCLyFEc5sQNye4N0McaeGeNY5HO',
  'bBARc63wSQT8HQmMpw==',
  '-----END CERTIFICATE REQUEST-----',
];
const DEVICE_REQUESTS = [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }];
const BACKEND = { service: { name: 'web', port: { number: 80 } } };

/** One of its own for each name. */
function addressFor(suffix: string): string {
  const [high, low] = createHash('sha256').update(suffix).digest();
  return `198.19.${high}.${low}`;
}

export const CLUSTER: Samples = {
  'certificates.k8s.io/v1/certificatesigningrequests': {
    content: {
      spec: {
        request: Buffer.from(`${REQUEST.join('\n')}\n`).toString('base64'),
        signerName: 'test.example/e2e',
        usages: ['digital signature', 'key encipherment', 'client auth'],
      },
    },
    status: { conditions: [{ type: 'Failed', status: 'True', reason: 'E2E', message: 'set by a test' }] },
  },
  'coordination.k8s.io/v1/leases': { content: { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } } },
  'discovery.k8s.io/v1/endpointslices': {
    content: {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['198.18.0.7'] }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    },
  },
  'networking.k8s.io/v1/ingresses': {
    content: { spec: { defaultBackend: BACKEND } },
    status: { loadBalancer: { ingress: [{ ip: '198.18.0.9' }] } },
  },
  'networking.k8s.io/v1/ingressclasses': { content: { spec: { controller: 'test.example/controller' } } },
  'networking.k8s.io/v1/networkpolicies': { content: { spec: { podSelector: {}, policyTypes: ['Ingress'] } } },
  'networking.k8s.io/v1/ipaddresses': {
    content: { spec: { parentRef: { resource: 'gateways', name: 'front' } } },
    name: addressFor,
  },
  'networking.k8s.io/v1/servicecidrs': {
    content: { spec: { cidrs: ['198.18.240.0/24'] } },
    status: {
      conditions: [
        { type: 'Ready', status: 'True', reason: '', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
    },
  },
  'node.k8s.io/v1/runtimeclasses': { content: { handler: 'runc' } },
  'rbac.authorization.k8s.io/v1/clusterroles': { content: { rules: RULES } },
  'rbac.authorization.k8s.io/v1/clusterrolebindings': {
    content: { subjects: SUBJECTS, roleRef: roleRef('ClusterRole') },
  },
  'rbac.authorization.k8s.io/v1/roles': { content: { rules: RULES } },
  'rbac.authorization.k8s.io/v1/rolebindings': { content: { subjects: SUBJECTS, roleRef: roleRef('Role') } },
  'resource.k8s.io/v1/deviceclasses': {
    content: { spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.test.example"' } }] } },
  },
  'resource.k8s.io/v1/resourceclaims': {
    content: { spec: { devices: { requests: DEVICE_REQUESTS } } },
    status: {
      allocation: {
        devices: { results: [{ request: 'gpu', driver: 'gpu.test.example', pool: 'node-1', device: 'gpu-0' }] },
      },
    },
  },
  'resource.k8s.io/v1/resourceclaimtemplates': {
    content: { spec: { spec: { devices: { requests: DEVICE_REQUESTS } } } },
  },
  'resource.k8s.io/v1/resourceslices': {
    content: {
      spec: {
        driver: 'gpu.test.example',
        nodeName: 'node-1',
        pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
        devices: [
          { name: 'gpu-0', attributes: { model: { string: 'a100' } }, capacity: { memory: { value: '40Gi' } } },
        ],
      },
    },
  },
  'scheduling.k8s.io/v1alpha3/podgroups': {
    content: { spec: { schedulingPolicy: { gang: { minCount: 3 } } } },
    status: {
      conditions: [
        {
          type: 'PodGroupInitiallyScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: 'no room',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  },
  'scheduling.k8s.io/v1alpha3/workloads': {
    content: { spec: { podGroupTemplates: [{ name: 'workers', schedulingPolicy: { gang: { minCount: 3 } } }] } },
  },
  'scheduling.k8s.io/v1/priorityclasses': { content: { value: 7, description: 'a sample' } },
  'storage.k8s.io/v1/csidrivers': { content: { spec: { attachRequired: false, podInfoOnMount: true } } },
  'storage.k8s.io/v1/csinodes': {
    content: { spec: { drivers: [{ name: 'csi.test.example', nodeID: 'node-1', topologyKeys: ['zone'] }] } },
  },
  'storage.k8s.io/v1/csistoragecapacities': {
    content: { storageClassName: 'fast', nodeTopology: { matchLabels: LABELS }, capacity: '1Gi' },
  },
  'storage.k8s.io/v1/storageclasses': { content: { provisioner: 'csi.test.example' } },
  'storage.k8s.io/v1/volumeattributesclasses': {
    content: { driverName: 'csi.test.example', parameters: { tier: 'gold' } },
  },
  'storage.k8s.io/v1/volumeattachments': {
    content: { spec: { attacher: 'csi.test.example', nodeName: 'node-1', source: { persistentVolumeName: 'disk' } } },
    status: { attached: true },
  },
  'apiextensions.k8s.io/v1/customresourcedefinitions': {
    content: {},
    name: (suffix) => `${suffix.replaceAll('-', '')}s.sample.test`,
    contentOf: (name) => {
      const [plural = ''] = name.split('.');
      const singular = plural.slice(0, -1);
      return {
        spec: {
          group: 'sample.test',
          scope: 'Namespaced',
          names: { plural, singular, kind: `${singular[0]?.toUpperCase()}${singular.slice(1)}` },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      };
    },
    // Its conditions are the server's own, see custom-kinds.test.ts.
    status: { storedVersions: ['v1'] },
    held: 'finalizers',
    settled: (definition) => JSON.stringify(definition).includes('"InitialNamesAccepted"'),
  },
};
