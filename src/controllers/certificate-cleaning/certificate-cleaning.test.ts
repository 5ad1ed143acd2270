import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { createEventRecorder } from '#client/event-recorder';
import { aCertificateRequest } from '#test/builders/certificate-request';
import { aCluster } from '#test/builders/cluster';
import { aMeta, CREATED } from '#test/builders/workloads';
import { runController } from '../framework/run-controller.ts';
import { certificateCleaning } from './controller.ts';
import { planRemoval } from './plan.ts';

const HOUR_MS = 3_600_000;

test('[CRT15] a request goes an hour after it was answered, or after a day without a decision or a certificate', () => {
  const hours = (status: CertificateSigningRequest['status']): number => {
    const spec = { request: '', signerName: 'example.com/a' };
    const request = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: aMeta('a'),
      spec,
    };
    return (planRemoval({ ...request, ...(status && { status }) }) - Date.parse(CREATED)) / HOUR_MS;
  };
  const decided = (type: string) => ({ type, status: 'True', lastUpdateTime: '2026-01-01T02:00:00Z' });
  assert.deepEqual(
    [
      hours(undefined),
      hours({ conditions: [decided('Approved')] }),
      hours({ conditions: [decided('Approved')], certificate: 'AA==' }),
      hours({ conditions: [decided('Denied')] }),
      hours({ conditions: [decided('Approved'), decided('Failed')] }),
    ],
    [24, 26, 3, 3, 3],
  );
});

test('[CRT16] requests that have served are removed', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'test' });
    await runController(certificateCleaning, { ...cluster, signal, events });
  });
  const { request } = aCertificateRequest({ commonName: 'ann' });
  const spec = { request, signerName: 'example.com/people', usages: ['client auth'] };
  await client.create(CertificateSigningRequest, { metadata: { name: 'wish' }, spec });
  await world.advance(23 * HOUR_MS);
  assert.equal((await client.list(CertificateSigningRequest)).items.length, 1);
  await world.advance(2 * HOUR_MS);
  assert.equal((await client.list(CertificateSigningRequest)).items.length, 0);
});
