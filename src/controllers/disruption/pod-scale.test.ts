import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ApiError } from '#api/errors';
import type { ResourceDefinition } from '#api/resource';
import { aPod } from '#test/builders/workloads';
import type { Context } from '../framework/controller.ts';
import { podScale } from './pod-scale.ts';

const CLIQUES = { ...Deployment, group: 'example.com', kind: 'Clique', plural: 'cliques' };

test('[PDB24] a controller that cannot be asked for its scale is told as the problem', async () => {
  const owner = { apiVersion: 'example.com/v1', kind: 'Clique', name: 'web', uid: 'u1', controller: true };
  const pod = aPod({ name: 'web-1', meta: { ownerReferences: [owner] } });
  const answering = (reason: 'Forbidden' | 'NotFound') => {
    const getScale = async (): Promise<never> => Promise.reject(new ApiError(reason, `${reason}: cliques`));
    return podScale(pod, [CLIQUES as unknown as ResourceDefinition], { client: { getScale } } as unknown as Context);
  };
  assert.deepEqual(await answering('Forbidden'), { problem: 'Forbidden: cliques' });
  assert.deepEqual(await answering('NotFound'), { problem: 'found no controllers for pod "web-1"' });
});
