import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '#api/core/secret';
import { aMeta } from '#test/builders/workloads';
import { registryOf, withDefaultTag } from './image-name.ts';
import { credentialsFor } from './pull-credentials.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const aPullSecret = (data: Record<string, string>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: aMeta('pull'),
  data,
});

test('[NOD60] an image without tag or digest is the latest', () => {
  assert.deepEqual(['nginx', 'nginx:1', 'host:5000/nginx', 'a/b@sha256:1', 'host:5000/nginx:1'].map(withDefaultTag), [
    'nginx:latest',
    'nginx:1',
    'host:5000/nginx:latest',
    'a/b@sha256:1',
    'host:5000/nginx:1',
  ]);
  assert.deepEqual(['nginx', 'a/b', 'host:5000/b', 'localhost/b', 'quay.io/a/b'].map(registryOf), [
    'docker.io',
    'docker.io',
    'host:5000',
    'localhost',
    'quay.io',
  ]);
});

test("[NOD61] a pod's pull secrets are used for the registries they name", () => {
  const auths = {
    'https://index.docker.io/v1/': { auth: base64('me:a:b') },
    'quay.io': { username: 'you', password: 'c' },
  };
  const secret = aPullSecret({ '.dockerconfigjson': base64(JSON.stringify({ auths })) });
  assert.deepEqual(credentialsFor('nginx', [secret]), [{ username: 'me', password: 'a:b' }]);
  assert.deepEqual(credentialsFor('quay.io/x/y', [secret]), [{ username: 'you', password: 'c' }]);
  assert.deepEqual(credentialsFor('other.io/x', [secret, aPullSecret({ '.dockercfg': 'broken' })]), []);
});
