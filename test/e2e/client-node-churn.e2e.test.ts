/** A controller written with `@kubernetes/client-node` goes through a day of churn, an hour in a second, and misses nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, type V1ConfigMap } from '@kubernetes/client-node';
import { dataDir } from '#cli/data-dir';
import { runningProcess } from '#cli/process-file';
import { runChurn } from './client-node/churn.ts';
import { aClientFixture, type ClientFixture, simulated } from './client-node/client-fixture.ts';
import { runCandidate } from './client-node/leader-election.ts';
import { type Change, Ledger } from './client-node/ledger.ts';
import { isOrder, receiptName, ReceiptsController, sumOf } from './client-node/receipts-controller.ts';
import { readHistory } from './client-node/store-history.ts';
import { eventually } from './cluster.ts';

const NAMESPACE = 'churn';
const LEASE = { name: 'receipts', namespace: NAMESPACE };
const HOUR_MS = 1000;
const HOURS = 24;
const CHANGES_AN_HOUR = 40;
const SEED = 20_261_123;

type Replica = {
  readonly identity: string;
  readonly controller: ReceiptsController;
  readonly isAlive: () => boolean;
  kill(): Promise<void>;
};

test('[TOOL24] a change that is missed, told twice or in disorder is noticed', () => {
  const put = (name: string, revision: number): Change => ({ type: 'put', name, revision });
  const history = [
    put('a', 1),
    put('b', 2),
    put('a', 3),
    { type: 'delete', name: 'b', revision: 4 } as const,
    put('c', 5),
  ];
  const told = (list: number, ...changes: readonly Change[]): Ledger => {
    const ledger = new Ledger();
    ledger.list(String(list));
    for (const { type, name, revision } of changes)
      ledger.tell(type, { metadata: { name, resourceVersion: `${revision}` } });
    return ledger;
  };
  const faults = (ledger: Ledger): number => ledger.problems(history, { whole: true }).length;
  const [first, second, third, fourth, fifth] = history as [Change, Change, Change, Change, Change];
  assert.equal(faults(told(2, first, second, third, fourth, fifth)), 0);
  assert.equal(faults(told(5, third, fifth)), 0);
  assert.notEqual(faults(told(2, first, second, fourth, fifth)), 0);
  assert.notEqual(faults(told(2, first, second, third, third, fourth, fifth)), 0);
  assert.notEqual(faults(told(2, first, second, fourth, third, fifth)), 0);
  assert.notEqual(faults(told(2, first, second, third, fourth)), 0);
  assert.notEqual(faults(told(2, first, third, fourth, fifth)), 0);
});

describe('a controller through a day', { timeout: 240_000 }, () => {
  let fixture: ClientFixture;
  let core: CoreV1Api;
  const replicas: Replica[] = [];

  before(async () => {
    fixture = await aClientFixture(simulated(1));
    core = fixture.config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
  });

  after(async () => {
    for (const replica of replicas) await replica.kill();
    await fixture?.[Symbol.asyncDispose]();
  });

  const startReplica = async (): Promise<void> => {
    const { config } = fixture;
    const identity = `replica-${replicas.length + 1}`;
    const controller = new ReceiptsController(config, NAMESPACE);
    const life = new AbortController();
    await controller.start();
    const running = runCandidate(
      { config, identity, lease: LEASE, lead: (leadership, signal) => controller.lead(leadership, signal) },
      life.signal,
    );
    const kill = async (): Promise<void> => {
      life.abort();
      await controller.stop();
      await running;
    };
    replicas.push({ identity, controller, isAlive: () => !life.signal.aborted, kill });
  };

  const leader = async (): Promise<Replica> => {
    const holder = await fixture.cluster.kubectl(
      'get',
      'lease',
      LEASE.name,
      `--namespace=${NAMESPACE}`,
      '--output=jsonpath={.spec.holderIdentity}',
    );
    const found = replicas.find(({ identity }) => identity === holder);
    assert.ok(found, `"${holder}" leads`);
    return found;
  };

  /** As a crash of the machine would: nothing is said to anyone, and what watches remembered is gone. */
  const restartCluster = async (): Promise<void> => {
    const { dataDir: path } = fixture.cluster;
    const running = await runningProcess(dataDir(path).pid);
    assert.ok(running);
    process.kill(running.pid, 'SIGKILL');
    await eventually(async () => (await runningProcess(dataDir(path).pid)) === undefined, 'the end of the process');
    await fixture.cluster.tutti('up', '--no-demo');
  };

  const settled = async (): Promise<boolean> => {
    const { items } = await core.listNamespacedConfigMap({ namespace: NAMESPACE });
    const sums = new Map(items.map(({ metadata, data }) => [metadata?.name ?? '', data?.['sum']]));
    const orders = items.filter(isOrder);
    const receipts = items.filter(({ metadata }) => metadata?.name?.endsWith('-receipt'));
    return (
      receipts.length === orders.length &&
      orders.every((order) => sums.get(receiptName(order.metadata?.name ?? '')) === sumOf(order))
    );
  };

  test('[TOOL24] no change is missed through ends of watches, broken connections, crashes of leaders and of the server', async () => {
    for (let count = 0; count < 2; count++) await startReplica();
    let hour = 0;
    let made = 0;
    const churn = runChurn({
      config: fixture.config,
      namespace: NAMESPACE,
      seed: SEED,
      isOver: () => hour >= HOURS,
      onChange: () => made++,
    });
    for (; hour < HOURS; hour++) {
      if (hour % 5 === 4) assert.ok(fixture.relay.cut() > 0);
      if (hour === 7 || hour === 18) {
        await (await leader()).kill();
        await startReplica();
      }
      if (hour === 12) await restartCluster();
      await sleep(HOUR_MS);
      // However slow the machine, something happens in every hour.
      while (made < (hour + 1) * CHANGES_AN_HOUR) await sleep(HOUR_MS / 10);
    }
    await churn;
    await eventually(settled, 'a receipt for every order');
    await checkCaches();
    const lists = replicas.map(({ controller }) => controller.ledger.lists);
    const survivors = replicas.filter(({ isAlive }) => isAlive());
    for (const replica of survivors) await replica.kill();
    await fixture.cluster.tutti('down');
    checkLedgers(survivors);
    // Those that lived through the restart had to list again: the server had forgotten where they were.
    assert.ok(
      lists.some((count) => count > 1),
      `lists: ${lists.join(' ')}`,
    );
  });

  const stateOf = (entries: Iterable<readonly [string, string]>): string =>
    [...entries]
      .map((entry) => entry.join(' at '))
      .toSorted()
      .join('\n');

  const checkCaches = async (): Promise<void> => {
    const { items } = await core.listNamespacedConfigMap({ namespace: NAMESPACE });
    const truth = stateOf(items.map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? '']));
    const behind = (): readonly Replica[] =>
      replicas.filter(({ isAlive, controller }) => isAlive() && stateOf(controller.cache()) !== truth);
    await eventually(async () => behind().length === 0, 'the same in all caches', 20_000).catch(() => undefined);
    for (const { controller, identity } of behind()) assert.equal(stateOf(controller.cache()), truth, identity);
  };

  const checkLedgers = (survivors: readonly Replica[]): void => {
    const history = readHistory(fixture.cluster.dataDir, `/core/configmaps/${NAMESPACE}/`);
    for (const replica of replicas) {
      const { ledger } = replica.controller;
      assert.ok(ledger.size > 100, replica.identity);
      assert.deepEqual(ledger.problems(history, { whole: survivors.includes(replica) }), [], replica.identity);
    }
    const terms = history
      .filter(({ name, type }) => type === 'put' && name.endsWith('-receipt'))
      .map(({ value }) => Number((value as V1ConfigMap).data?.['term']));
    assert.deepEqual(
      terms,
      terms.toSorted((a, b) => a - b),
      'one leader after another',
    );
    assert.ok(new Set(terms).size >= 3, 'leaders changed');
  };
});
