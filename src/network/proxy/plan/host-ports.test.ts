import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/core/pod';
import type { ContainerPort } from '#api/types/core-v1';
import { aPod } from '#test/builders/workloads';
import { frontName } from './front.ts';
import { hostPortFronts } from './host-ports.ts';

const withPorts = (ports: readonly ContainerPort[], rest: Partial<Pod['spec']> = {}, status = {}): Pod =>
  aPod({
    spec: { containers: [{ name: 'web', ports }], ...rest },
    status: { phase: 'Running', podIP: '198.18.0.2', ...status },
  });

const names = (pod: Pod): readonly string[] => hostPortFronts(pod).map(frontName);

test('[NET22] host ports lead to the pod, on all addresses of the node or on the one given', () => {
  const ports = [
    { containerPort: 80, hostPort: 8080 },
    { containerPort: 53, hostPort: 53, protocol: 'UDP', hostIP: '192.0.2.2' },
    { containerPort: 81 },
  ];
  assert.deepEqual(names(withPorts(ports)), ['ports tcp . 8080', 'vips 192.0.2.2 . udp . 53']);
  assert.deepEqual(hostPortFronts(withPorts(ports))[0]?.targets, [{ address: '198.18.0.2', port: 80 }]);
});

test('[NET22] a pod without an address of its own, or that has ended, holds no host port', () => {
  const ports = [{ containerPort: 80, hostPort: 80 }];
  assert.deepEqual(names(withPorts(ports, { hostNetwork: true })), []);
  assert.deepEqual(names(withPorts(ports, {}, { podIP: undefined })), []);
  assert.deepEqual(names(withPorts(ports, {}, { phase: 'Succeeded' })), []);
});
