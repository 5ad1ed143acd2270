import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planRangeRoutes, planRouteRemoval, planRoutes } from './routes.ts';

const ROUTES = { podCidr: '198.18.0.0/20', serviceCidr: '198.19.0.0/20', nodeIp: '192.0.2.2', dnsIp: '198.19.0.10' };

test('[NET4] both ranges end on the machine, and each line that adds has one that removes', () => {
  const added = planRoutes(ROUTES);
  assert.deepEqual(added, [
    'address replace 198.19.0.10/32 dev lo',
    'route replace unreachable 198.18.0.0/20',
    'route replace 198.19.0.0/20 dev lo scope link src 192.0.2.2',
  ]);
  const subjects = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => /\d+\.\d+\.\d+\.\d+\/\d+/.exec(line)?.[0] ?? line).toSorted();
  assert.deepEqual(subjects(planRouteRemoval(ROUTES)), subjects(added));
});

test('[NET10] a machine without a network reaches services from an address that pods can answer', () => {
  assert.match(planRoutes({ ...ROUTES, nodeIp: '127.0.0.1' })[2] ?? '', /src 198\.19\.0\.10$/);
});

test('[NET30] ranges of users end on the machine, behind whatever routes it has there', () => {
  const { add, remove } = planRangeRoutes(['198.19.32.0/24'], ROUTES);
  assert.deepEqual(add, ['route replace 198.19.32.0/24 dev lo metric 4294967294 scope link src 192.0.2.2']);
  assert.deepEqual(remove, ['route delete 198.19.32.0/24 dev lo metric 4294967294']);
});
