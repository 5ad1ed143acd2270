import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatefulSet } from '#api/apps/stateful-set';
import type { ControllerRevision } from '#api/types/apps-v1';
import { aMeta, aTemplate } from '#test/builders/workloads';
import { buildRevision, planForgotten, planHistory, templateOf } from './plan-history.ts';

const aRevision = (name: string, revision: number, image = name): ControllerRevision => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: aMeta(name),
  data: { spec: { template: { ...aTemplate(image), $patch: 'replace' } } },
  revision,
});
const [OLD, MIDDLE, NEW] = [aRevision('a', 1), aRevision('b', 2), aRevision('c', 5)];

test('[WRK30] a template that is the newest stays, one that comes back becomes the newest, another is added', () => {
  const revisions = [NEW, OLD, MIDDLE];
  assert.deepEqual(planHistory(revisions, aTemplate('c')), { action: 'keep', current: NEW });
  assert.deepEqual(planHistory(revisions, aTemplate('a')), { action: 'renumber', current: { ...OLD, revision: 6 } });
  assert.deepEqual(planHistory(revisions, aTemplate('d')), { action: 'create', revision: 6 });
  assert.deepEqual(planHistory([], aTemplate('d')), { action: 'create', revision: 1 });
});

test('[WRK31] of the revisions that no pod is of, the oldest beyond the limit are forgotten', () => {
  const forgotten = (limit: number, live: readonly ControllerRevision[]): readonly string[] =>
    planForgotten([NEW, MIDDLE, OLD], (each) => live.includes(each), limit).map(({ metadata }) => metadata.name);
  assert.deepEqual(forgotten(1, [NEW]), ['a']);
  assert.deepEqual(forgotten(0, [NEW]), ['a', 'b']);
  assert.deepEqual(forgotten(0, [NEW, OLD]), ['b']);
  assert.deepEqual(forgotten(5, [NEW]), []);
  assert.deepEqual(forgotten(-1, [NEW]), []);
});

test('[WRK32] a revision carries the template as a patch that puts it back', () => {
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: aMeta('web', { annotations: { 'kubernetes.io/change-cause': 'why' } }),
    spec: { template: aTemplate() },
  };
  const request = { owner, type: StatefulSet, hashLabel: 'controller.kubernetes.io/hash', collisionCount: 0 };
  const built = buildRevision(request, 3);
  const { name = '', labels, annotations, ownerReferences } = built.metadata;
  assert.match(name, /^web-[a-z0-9]+$/);
  assert.deepEqual(labels, { app: 'web', 'controller.kubernetes.io/hash': name.slice('web-'.length) });
  assert.deepEqual([annotations?.['kubernetes.io/change-cause'], ownerReferences?.[0]?.kind], ['why', 'StatefulSet']);
  assert.equal(built.revision, 3);
  assert.equal(
    JSON.stringify(built.data),
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"nginx:1","name":"web"}]}}}}',
  );
  assert.deepEqual(templateOf({ ...NEW, data: built.data }), aTemplate());
  assert.notEqual(buildRevision({ ...request, collisionCount: 1 }, 3).metadata.name, name);
});
