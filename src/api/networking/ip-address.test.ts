import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newMeta, updateErrors } from '#test/builders/kinds';
import { IPAddress } from './ip-address.ts';

const PARENT = { group: '', resource: 'services', namespace: 'default', name: 'web' };

const anAddress = (parentRef: Partial<IPAddress['spec']['parentRef']> = {}): IPAddress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: newMeta('198.18.0.9'),
  spec: { parentRef: { ...PARENT, ...parentRef } },
});

test('[NKD13] an address is called by its one form, names its owner, and keeps it', () => {
  assert.deepEqual(IPAddress.validateName('198.18.0.9'), []);
  assert.deepEqual(IPAddress.validateName('2001:db8::9'), []);
  assert.deepEqual(IPAddress.validateName('2001:DB8:0::9'), ['must be in canonical form ("2001:db8::9")']);
  assert.deepEqual(IPAddress.validateName('web'), ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']);
  assert.deepEqual(create(IPAddress, anAddress({ resource: '', name: '', namespace: 'a/b' })).errors, [
    'spec.parentRef.resource: Required value',
    'spec.parentRef.name: Required value',
    `spec.parentRef.namespace: Invalid value: "a/b": may not contain '/'`,
  ]);
  const next = anAddress({ name: 'other' });
  assert.deepEqual(updateErrors(IPAddress, { stored: anAddress(), next }), [
    `spec.parentRef: Invalid value: ${JSON.stringify(next.spec.parentRef)}: field is immutable`,
  ]);
});

test('[NKD13] the table of addresses shows whose they are', () => {
  const cells = (object: IPAddress): readonly unknown[] => IPAddress.columns.map(({ cell }) => cell(object, 0));
  assert.deepEqual(cells(anAddress()), ['198.18.0.9', 'services/default/web']);
  assert.equal(cells(anAddress({ group: 'example.com', namespace: '' }))[1], 'services.example.com/web');
});
