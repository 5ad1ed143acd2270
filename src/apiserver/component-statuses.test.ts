import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { anApiServer, type TestApiServer } from '#test/builders/api-server';

let server: TestApiServer;
before(async () => {
  const broken = (): never => {
    throw new Error('no luck');
  };
  const components = [
    { name: 'controller-manager', check: () => undefined },
    { name: 'scheduler', check: broken },
  ];
  server = await anApiServer({ components });
});
after(() => server[Symbol.asyncDispose]());

type List = { readonly kind: string; readonly apiVersion: string; readonly items: readonly Status[] };
type Status = { readonly metadata: { readonly name: string }; readonly conditions: readonly unknown[] };

const PATH = '/api/v1/componentstatuses';
const WELL = [{ type: 'Healthy', status: 'True', message: 'ok' }];

test('[CST1] the components are listed with the health that they have now, and a warning', async () => {
  const { headers, text } = await server.ask(PATH);
  const { kind, apiVersion, items } = JSON.parse(text) as List;
  assert.deepEqual([kind, apiVersion], ['ComponentStatusList', 'v1']);
  assert.deepEqual(
    items.map(({ metadata, conditions }) => [metadata.name, conditions]),
    [
      ['controller-manager', WELL],
      ['scheduler', [{ type: 'Healthy', status: 'False', message: 'no luck' }]],
      ['etcd-0', WELL],
    ],
  );
  assert.equal(headers['warning'], '299 - "v1 ComponentStatus is deprecated in v1.19+"');
});

test('[CST1] one component is found by its name or a selector, and one that is not there upstream has not found either', async () => {
  const one = JSON.parse((await server.ask(`${PATH}/etcd-0`)).text) as Status;
  assert.deepEqual(one.conditions, WELL);
  const selected = JSON.parse((await server.ask(`${PATH}?fieldSelector=metadata.name%3Dscheduler`)).text) as List;
  assert.deepEqual(
    selected.items.map(({ metadata }) => metadata.name),
    ['scheduler'],
  );
  const { status, text } = await server.ask(`${PATH}/etcd-1`);
  assert.deepEqual([status, (JSON.parse(text) as Error).message], [500, 'Component not found: etcd-1']);
  assert.equal((await server.ask(`${PATH}/etcd-0`, { method: 'DELETE' })).status, 405);
});

test('[CST1] the table of components shows status, message and error', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const table = JSON.parse((await server.ask(PATH, { headers: { accept } })).text) as {
    readonly columnDefinitions: readonly { readonly name: string }[];
    readonly rows: readonly { readonly cells: readonly unknown[] }[];
  };
  assert.deepEqual(
    [table.columnDefinitions.map(({ name }) => name), ...table.rows.map(({ cells }) => cells)],
    [
      ['Name', 'Status', 'Message', 'Error'],
      ['controller-manager', 'Healthy', 'ok', ''],
      ['scheduler', 'Unhealthy', 'no luck', ''],
      ['etcd-0', 'Healthy', 'ok', ''],
    ],
  );
});
