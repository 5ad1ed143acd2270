import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllersOfOwnKinds } from './controllers.ts';

/** What upstream's controllers call themselves in the events that they write. */
const SOURCES = [
  'cronjob-controller',
  'daemonset-controller',
  'deployment-controller',
  'endpoint-controller',
  'endpoint-slice-controller',
  'endpoint-slice-mirroring-controller',
  'ephemeral_volume',
  'job-controller',
  'node-controller',
  'persistentvolume-controller',
  'replicaset-controller',
  'replication-controller',
  'service-cidr-controller',
  'service-controller',
  'statefulset-controller',
  'taint-eviction-controller',
];

test('[CTL27] events come from the component from which they come upstream', () => {
  const sources = new Set(controllersOfOwnKinds().map(({ name, eventSource = name }) => eventSource));
  assert.deepEqual(
    SOURCES.filter((source) => !sources.has(source)),
    [],
  );
});
