import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newMeta, updateErrors } from '#test/builders/kinds';
import { EndpointSlice } from './endpoint-slice.ts';

const aSlice = (rest: Partial<EndpointSlice> = {}): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: newMeta('web-1'),
  addressType: 'IPv4',
  endpoints: [{ addresses: ['198.18.0.1'] }],
  ports: [{ port: 80 }],
  ...rest,
});

test('[KIN59] ports of a slice are nameless TCP ports unless they say otherwise', () => {
  assert.deepEqual(create(EndpointSlice, aSlice()).object.ports, [{ name: '', port: 80, protocol: 'TCP' }]);
});

const many = (count: number): readonly { readonly addresses: readonly string[] }[] =>
  Array.from({ length: count }, () => ({ addresses: ['198.18.0.1'] }));

const CASES: readonly (readonly [string, Partial<EndpointSlice>, readonly string[]])[] = [
  ['1000 endpoints', { endpoints: many(1000) }, []],
  ['1001 endpoints', { endpoints: many(1001) }, ['endpoints: Too many: 1001: must have at most 1000 items']],
  ['no type', { addressType: '' }, ['addressType: Required value']],
  [
    'an unknown type',
    { addressType: 'IPX' },
    ['addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  [
    'an endpoint without address',
    { endpoints: [{ addresses: [] }] },
    ['endpoints[0].addresses: Required value: must contain at least 1 address'],
  ],
  [
    'an address of the other family',
    { addressType: 'IPv6' },
    ['endpoints[0].addresses[0]: Invalid value: "198.18.0.1": must be an IPv6 address'],
  ],
  [
    'a link-local address',
    { endpoints: [{ addresses: ['169.254.1.1'] }] },
    [
      'endpoints[0].addresses[0]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
  ],
  ['two nameless ports', { ports: [{ port: 80 }, { port: 81 }] }, ['ports[1].name: Duplicate value: ""']],
  [
    'a zone twice',
    { endpoints: [{ addresses: ['198.18.0.1'], hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }] },
    ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
  ],
];

for (const [what, rest, errors] of CASES) {
  test(`[KIN59] a slice with ${what} is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(create(EndpointSlice, aSlice(rest)).errors, errors);
  });
}

test('[KIN59] the type of a slice’s addresses stays', () => {
  const next = aSlice({ addressType: 'FQDN', endpoints: [] });
  assert.deepEqual(updateErrors(EndpointSlice, { stored: aSlice(), next }), [
    'addressType: Invalid value: "FQDN": field is immutable',
  ]);
});

test('[KIN59] the table of slices shows ports and the first addresses', () => {
  const cells = (slice: EndpointSlice): readonly unknown[] =>
    EndpointSlice.columns.slice(1, 4).map(({ cell }) => cell(slice, 0));
  assert.deepEqual(cells(aSlice({ endpoints: many(5) })), [
    'IPv4',
    '80',
    '198.18.0.1,198.18.0.1,198.18.0.1 + 2 more...',
  ]);
  assert.deepEqual(cells(aSlice({ endpoints: [], ports: [] })), ['IPv4', '<unset>', '<unset>']);
});
