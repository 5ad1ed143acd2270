import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Service } from '#api/types/core-v1';
import type { EndpointSlice } from '#api/types/discovery-v1';
import { aNode } from '#test/builders/nodes';
import { aService } from '#test/builders/backends';
import { aMeta } from '#test/builders/workloads';
import { planLoadBalancer } from './plan.ts';

const aNodeAt = (name: string, address: string, parts: Parameters<typeof aNode>[0] = {}): Node =>
  aNode({ name, ...parts, status: { addresses: [{ type: 'InternalIP', address }], ...parts.status } });

const nodes = [
  aNodeAt('b', '198.18.255.2'),
  aNodeAt('a', '198.18.255.1'),
  aNodeAt('down', '198.18.255.3', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }),
  aNodeAt('excluded', '198.18.255.4', { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } }),
];

const published = (service: Service, slices: readonly EndpointSlice[] = []): readonly unknown[] =>
  (planLoadBalancer({ service, nodes, slices }).status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);

const balanced = (spec: Partial<Service['spec']> = {}, ips: readonly string[] = []): Service =>
  aService({
    spec: { type: 'LoadBalancer', ...spec },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip, ipMode: 'VIP' })) } },
  });

test('[CTL39] a load balancer publishes the addresses of the ready nodes, and writes nothing when they are published', () => {
  assert.deepEqual(published(balanced()), ['198.18.255.1', '198.18.255.2']);
  const done = balanced({}, ['198.18.255.1', '198.18.255.2']);
  assert.equal(planLoadBalancer({ service: done, nodes, slices: [] }), done);
  assert.equal(planLoadBalancer({ service: done, nodes: [], slices: [] }), done);
});

test('[CTL39] with local traffic only, the nodes that have a ready endpoint are published', () => {
  const endpoints = [
    { addresses: ['198.18.0.1'], nodeName: 'b', conditions: { ready: true } },
    { addresses: ['198.18.0.2'], nodeName: 'a', conditions: { ready: false } },
  ];
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: aMeta('web-1'),
    addressType: 'IPv4',
    endpoints,
  };
  assert.deepEqual(published(balanced({ externalTrafficPolicy: 'Local' }), [slice]), ['198.18.255.2']);
});

test('[CTL39] a service that is no longer ours loses the addresses, one of another class never gets them', () => {
  assert.deepEqual(published(balanced({ type: 'ClusterIP' }, ['198.18.255.1'])), []);
  assert.deepEqual(published(balanced({ loadBalancerClass: 'example.com/other' })), []);
});
