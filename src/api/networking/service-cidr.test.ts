import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newMeta, updateErrors } from '#test/builders/kinds';
import { ServiceCIDR } from './service-cidr.ts';

const aRange = (...cidrs: readonly string[]): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: newMeta('more'),
  spec: { cidrs },
});

const [IPV4, OTHER_IPV4, IPV6] = ['198.18.0.0/24', '198.18.1.0/24', '2001:db8::/64'];

test('[NKD11] service ranges are one of each family, and nothing of them goes', () => {
  const errors = (...cidrs: readonly string[]): readonly string[] => create(ServiceCIDR, aRange(...cidrs)).errors;
  assert.deepEqual(errors(IPV4, IPV6), []);
  assert.deepEqual(errors(), ['spec.cidrs: Required value: at least one CIDR required']);
  assert.deepEqual(errors(IPV4, IPV6, OTHER_IPV4), [
    `spec.cidrs: Invalid value: {"cidrs":["${IPV4}","${IPV6}","${OTHER_IPV4}"]}: may only hold up to 2 values`,
  ]);
  assert.deepEqual(errors(IPV4, OTHER_IPV4), [
    `spec.cidrs: Invalid value: ["${IPV4}","${OTHER_IPV4}"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64`,
  ]);
  assert.deepEqual(errors('198.18.0.0'), [
    'spec.cidrs[0]: Invalid value: "198.18.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ]);
});

test('[NKD11] service ranges gain a family and else stay', () => {
  const { object: stored } = create(ServiceCIDR, aRange(IPV4));
  const change = (...cidrs: readonly string[]): readonly string[] =>
    updateErrors(ServiceCIDR, { stored, next: aRange(...cidrs) });
  assert.deepEqual(change(IPV4, IPV6), []);
  assert.deepEqual(change(OTHER_IPV4), [`spec.cidrs[0]: Invalid value: "${OTHER_IPV4}": field is immutable`]);
  const { object: both } = create(ServiceCIDR, aRange(IPV4, IPV6));
  assert.deepEqual(updateErrors(ServiceCIDR, { stored: both, next: aRange(IPV4) }), [
    `spec.cidrs: Invalid value: ["${IPV4}"]: field is immutable`,
  ]);
});

test('[NKD11] the table of service ranges shows them', () => {
  const nowMs = Date.parse('2026-01-01T00:05:00Z');
  const cells = ServiceCIDR.columns.map(({ name, cell }) => [name, cell(aRange(IPV4, IPV6), nowMs)]);
  assert.deepEqual(cells, [
    ['Name', 'more'],
    ['CIDRs', `${IPV4},${IPV6}`],
    ['Age', '5m'],
  ]);
});
