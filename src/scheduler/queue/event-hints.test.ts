/** Which events are worth asking waiting pods about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { defaultProfile } from '../plugins/default-profile.ts';
import { eventHints, NO_NODES } from './event-hints.ts';

const hints = eventHints(() => defaultProfile);
const added = { kind: 'PodAdded', pod: aPod({ spec: { nodeName: 'a' } }) } as const;
const removed = { ...added, kind: 'PodRemoved' } as const;

test('[SCH16] pods that a gate holds back are asked about no event, and those that lack room not about new pods', () => {
  const listening = [
    'SchedulingGates',
    'GangScheduling',
    'DefaultPreemption',
    'NodeResourcesFit',
    'InterPodAffinity',
  ].filter((plugin) => hints.listens(plugin, removed));
  assert.deepEqual(listening, ['NodeResourcesFit', 'InterPodAffinity']);
  assert.deepEqual([hints.listens('NodeResourcesFit', added), hints.listens('InterPodAffinity', added)], [false, true]);
});

test('[SCH16] pods of a template are one kind; labels, requests and claims make another of them', () => {
  const asking = (cpu: string) => ({ containers: [{ name: 'web', image: 'web', resources: { requests: { cpu } } }] });
  const web = (name: string, spec: object = asking('1'), labels = { app: 'web' }) =>
    hints.kindOf(aPod({ name, spec, meta: { labels } }));
  const token = { name: 'token', projected: { sources: [] } };
  assert.equal(web('a'), web('b'));
  assert.equal(web('a'), web('b', { ...asking('1'), volumes: [token] }));
  assert.notEqual(web('a'), web('b', asking('2')));
  assert.notEqual(web('a'), web('b', asking('1'), { app: 'db' }));
  assert.equal(
    web('a', { volumes: [token, { name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }),
    undefined,
  );
});

test('[SCH16] whether an event helps is for the plugin to say; a first node helps those who had none', () => {
  const pod = aPod();
  assert.equal(hints.helps('NodeResourcesFit', removed, pod), true);
  assert.equal(hints.helps('NodeName', removed, pod), false);
  assert.equal(hints.helps(NO_NODES, { kind: 'NodeAdded', node: aNode() }, pod), true);
  assert.equal(hints.helps('Unknown', removed, pod), false);
  assert.equal(eventHints(() => undefined).helps('NodeResourcesFit', removed, pod), false);
});
