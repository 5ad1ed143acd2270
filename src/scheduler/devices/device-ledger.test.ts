import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AllocationResult } from '#api/types/resource-v1';
import { DeviceLedger } from './device-ledger.ts';

const allocation = (...devices: readonly string[]): AllocationResult => ({
  devices: {
    results: devices.map((device) => ({
      request: 'gpu',
      driver: 'd.example',
      pool: 'n1',
      device,
      ...(device.startsWith('admin') ? { adminAccess: true } : {}),
    })),
  },
});
const used = (ledger: DeviceLedger): readonly string[] =>
  ['a', 'b', 'admin'].filter((device) => ledger.has(`d.example/n1/${device}`));

test('[DRA48] a device is in use as long as a claim has it, and access for administration uses none', () => {
  const ledger = new DeviceLedger();
  ledger.set('one', allocation('a', 'b', 'admin'));
  assert.deepEqual(used(ledger), ['a', 'b']);
  ledger.set('one', allocation('a', 'b', 'admin'));
  ledger.set('two', allocation('b'));
  ledger.set('one', allocation('a'));
  assert.deepEqual(used(ledger), ['a', 'b']);
  ledger.set('one', undefined);
  assert.deepEqual(used(ledger), ['b']);
  ledger.set('two', undefined);
  ledger.set('two', undefined);
  assert.deepEqual(used(ledger), []);
});
