/** Explanations of pods over the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isApiError } from '#api/errors';
import { PodExplanation } from '#api/explain/pod-explanation';
import type { ApiRequest, ApiResult } from '#api/request';
import type { Pod } from '#api/types/core-v1';
import { aPod } from '#test/builders/workloads';
import { type Explainer, podExplanations } from './explanations.ts';

const explained = (pod: Pod, why: string): PodExplanation => ({
  apiVersion: PodExplanation.apiVersion,
  kind: PodExplanation.kind,
  metadata: pod.metadata,
  why,
  phase: 'Pending',
  nodes: 1,
  refusals: [],
  changes: [],
  scores: [],
});

const teller: Explainer = {
  explain: (pod) => Promise.resolve(explained(pod, 'in full')),
  brief: (pod) => explained(pod, 'in short'),
};

const WAITING = aPod({
  name: 'waiting',
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: 'no room' }] },
});
const PODS = new Map([
  ['/core/pods/default/fine', aPod({ name: 'fine', status: { phase: 'Running' } })],
  ['/core/pods/default/waiting', WAITING],
]);
type Serving = Parameters<typeof podExplanations>[0];
const store = {
  get: (key: string) => PODS.get(key),
  list: (prefix: string) => ({
    revision: 7,
    items: [...PODS].filter(([key]) => key.startsWith(prefix)).map(([, pod]) => pod),
  }),
} as unknown as Serving['store'];

function ask(request: Partial<ApiRequest>, explainer: Explainer | undefined = teller): Promise<ApiResult> {
  const resource = podExplanations({ store, explainer: () => explainer });
  const whole = { namespace: 'default', options: {}, ...request } as ApiRequest;
  return Promise.resolve().then(() => resource.handle(whole, undefined as never));
}

test('[EXP9] a pod by name is explained in full, whether it is fine or not', async () => {
  const found = await ask({ verb: 'get', name: 'fine' });
  assert.deepEqual(found, {
    type: 'object',
    status: 200,
    object: explained(PODS.get('/core/pods/default/fine')!, 'in full'),
  });
  await assert.rejects(ask({ verb: 'get', name: 'nobody' }), (error) => isApiError(error, 'NotFound'));
});

test('[EXP9] a list is of the pods that are not fine', async () => {
  const found = await ask({ verb: 'list' });
  assert.deepEqual(found, { type: 'list', list: { resourceVersion: '7', items: [explained(WAITING, 'in short')] } });
});

test('[EXP9] before the scheduler has started nobody can tell', async () => {
  const resource = podExplanations({ store, explainer: () => undefined });
  const request = { verb: 'get', name: 'fine', options: {} } as unknown as ApiRequest;
  await assert.rejects(
    Promise.resolve().then(() => resource.handle(request, undefined as never)),
    (error) => isApiError(error, 'ServiceUnavailable'),
  );
});
