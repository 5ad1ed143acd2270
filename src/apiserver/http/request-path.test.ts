import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourcePath } from './request-path.ts';

test('[SRV20] paths address objects in six shapes, and everything else is no object', () => {
  const core = { group: '', version: 'v1' };
  const apps = { group: 'apps', version: 'v1' };
  const shapes: readonly (readonly [string, object | undefined])[] = [
    ['/api/v1/nodes', { ...core, plural: 'nodes' }],
    ['/api/v1/nodes/n1', { ...core, plural: 'nodes', name: 'n1' }],
    ['/api/v1/nodes/n1/proxy/a/b', { ...core, plural: 'nodes', name: 'n1', subresource: 'proxy', rest: 'a/b' }],
    ['/api/v1/namespaces', { ...core, plural: 'namespaces' }],
    ['/api/v1/namespaces/default', { ...core, plural: 'namespaces', name: 'default' }],
    [
      '/api/v1/namespaces/default/finalize',
      { ...core, plural: 'namespaces', name: 'default', subresource: 'finalize' },
    ],
    ['/api/v1/namespaces/default/pods', { ...core, namespace: 'default', plural: 'pods' }],
    ['/api/v1/namespaces/default/pods/', { ...core, namespace: 'default', plural: 'pods' }],
    [
      '/apis/apps/v1/namespaces/a%2Db/deployments/web/scale',
      { ...apps, namespace: 'a-b', plural: 'deployments', name: 'web', subresource: 'scale' },
    ],
    ['/apis/apps/v1/deployments', { ...apps, plural: 'deployments' }],
    ['/api/v1/watch/nodes', { ...core, plural: 'nodes', watch: true }],
    [
      '/apis/apps/v1/watch/namespaces/a/deployments/b',
      { ...apps, namespace: 'a', plural: 'deployments', name: 'b', watch: true },
    ],
    ['/api/v1/watch', { ...core, plural: 'watch' }],
    ['/api', undefined],
    ['/api/v1', undefined],
    ['/apis/apps/v1', undefined],
    ['/healthz', undefined],
    ['/openapi/v3/api/v1', undefined],
  ];
  for (const [path, expected] of shapes) assert.deepEqual(parseResourcePath(path), expected, path);
  for (const path of ['/api/v1/nodes/%zz', '/api/v1/pods/default%2Fweb'])
    assert.throws(() => parseResourcePath(path), { reason: 'BadRequest' });
});
