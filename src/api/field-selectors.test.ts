import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from './kinds.ts';

// What upstream's conversions of field labels accept beside the name and the namespace.
const UPSTREAM: Readonly<Record<string, readonly string[]>> = {
  '/pods': [
    'spec.host',
    'spec.hostNetwork',
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.nominatedNodeName',
    'status.phase',
    'status.podIP',
    'status.podIPs',
  ],
  '/nodes': ['spec.unschedulable'],
  '/namespaces': ['status.phase'],
  '/secrets': ['type'],
  '/services': ['spec.clusterIP', 'spec.type'],
  '/replicationcontrollers': ['status.replicas'],
  '/events': [
    'involvedObject.apiVersion',
    'involvedObject.fieldPath',
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.resourceVersion',
    'involvedObject.uid',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  'apps/replicasets': ['status.replicas'],
  'batch/jobs': ['status.successful'],
  'certificates.k8s.io/certificatesigningrequests': ['spec.signerName'],
  'resource.k8s.io/resourceslices': ['spec.driver', 'spec.nodeName'],
};

test('[REG48] every kind is selected by the fields by which upstream selects it, and by no others', () => {
  const ours = KINDS.map(({ group, plural, selectableFields }) => [
    `${group}/${plural}`,
    Object.keys(selectableFields).toSorted(),
  ]);
  assert.deepEqual(
    Object.fromEntries(ours.filter(([, fields]) => (fields?.length ?? 0) > 0)),
    Object.fromEntries(Object.entries(UPSTREAM).filter(([name]) => ours.some(([served]) => served === name))),
  );
});
