import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '#api/core/secret';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { aMeta } from '#test/builders/workloads';
import type { ContainerSummary } from '../../runtime/container.ts';
import { ImageCollector } from './image-collector.ts';
import { imageNameProblem, registryOf, withDefaultTag } from './image-name.ts';
import { planCollection, type StoredImage } from './plan-collection.ts';
import { credentialsFor } from './pull-credentials.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const aPullSecret = (data: Record<string, string>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: aMeta('pull'),
  data,
});

test('[NOD64] a name that no registry can have is told as such', () => {
  const fine = [
    'nginx',
    'a/b_c-d.e:1',
    'host:5000/a',
    'localhost/a/b__c',
    `a@sha256:${'0'.repeat(64)}`,
    '[::1]:5000/a:b',
  ];
  assert.deepEqual(
    fine.map(imageNameProblem),
    fine.map(() => undefined),
  );
  assert.deepEqual(
    ['', 'a b', 'a//b', 'nginx:', '-a', 'a:b:c', 'a@sha256:1'].map(imageNameProblem),
    Array(7).fill('invalid reference format'),
  );
  assert.equal(
    imageNameProblem('Foo Bar:1'),
    'invalid reference format: repository name (library/Foo Bar) must be lowercase',
  );
  assert.equal(imageNameProblem('host.io/a/B'), 'invalid reference format: repository name (a/B) must be lowercase');
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

const NOW = 10_000_000;
const anImage = (id: string, changes: Partial<StoredImage> = {}): StoredImage => ({
  id,
  sizeBytes: 10,
  fromRegistry: true,
  firstSeenMs: 0,
  lastUsedMs: 0,
  inUse: false,
  ...changes,
});
const collect = (availableBytes: number, ...images: readonly StoredImage[]) =>
  planCollection({ images, disk: { sizeBytes: 100, availableBytes }, now: NOW });

test('[NOD62] when the disk is nearly full, images go that nothing uses, the longest unused first, until there is room', () => {
  const images = [anImage('b', { lastUsedMs: 2 }), anImage('a', { lastUsedMs: 1 }), anImage('c', { lastUsedMs: 3 })];
  assert.deepEqual(collect(20, ...images), []);
  assert.deepEqual(collect(15, ...images), ['a']);
  assert.deepEqual(collect(0, ...images), ['a', 'b']);
});

test('[NOD63] an image that is used, that has just come, or that no registry gave, stays', () => {
  assert.deepEqual(
    collect(
      0,
      anImage('used', { inUse: true }),
      anImage('new', { firstSeenMs: NOW - 60_000 }),
      anImage('imported', { fromRegistry: false }),
    ),
    [],
  );
});

test('[NOD63] what containers were made from is in use, by whatever name', async () => {
  const world = virtualWorld();
  const removed: string[] = [];
  const image = (id: string) => ({ id, tags: [`${id}:1`], digests: [`${id}@sha256:1`], sizeBytes: 50 });
  const collector = new ImageCollector({
    world,
    logger: silentLogger(),
    readDisk: async () => ({ sizeBytes: 100, availableBytes: 0 }),
    runtime: {
      listImages: async () => [image('a'), image('b'), image('c')],
      listContainers: async () => [
        { image: 'a:1', imageRef: 'x' } as ContainerSummary,
        { image: 'y', imageRef: 'b@sha256:1' } as ContainerSummary,
      ],
      removeImage: async (id) => void removed.push(id),
    },
  });
  await collector.collect();
  assert.deepEqual(removed, []);
  await world.advance(180_000);
  await collector.collect();
  assert.deepEqual(removed, ['c']);
});
