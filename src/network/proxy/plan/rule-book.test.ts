import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, nat, option, property, record, uniqueArray } from 'fast-check';
import { anNftTable } from '#test/fakes/nft-table';
import { FRONT_TABLES, type Front, frontKey, targetText } from './front.ts';
import { changeTexts, replaceText } from './nft-text.ts';
import { RuleBook } from './rule-book.ts';
import type { NodeTable } from './skeleton.ts';

const NODE: NodeTable = {
  clusterId: '0123abcd',
  podCidr: '198.18.0.0/20',
  nodePodCidr: '198.18.0.0/30',
  dnsIp: '198.19.0.10',
  forwardingBefore: 'on',
};

const aFront = (targets: readonly string[], rest: Partial<Front> = {}): Front => ({
  table: 'vips',
  address: '198.19.0.20',
  protocol: 'tcp',
  port: 80,
  targets: targets.map((address) => ({ address, port: 8080 })),
  whenEmpty: 'refuse',
  ...rest,
});
const OLD = { name: 'old', rank: '1' };
const NEW = { name: 'new', rank: '2' };

test('[NET23] the oldest claim is served, the next when it is withdrawn', () => {
  const book = new RuleBook();
  book.claim(NEW, [aFront(['198.18.0.3'])]);
  book.claim(OLD, [aFront(['198.18.0.2'])]);
  book.takeChange();
  assert.deepEqual([book.leadsTo('198.18.0.2'), book.leadsTo('198.18.0.3')], [true, false]);
  book.claim(OLD, []);
  book.takeChange();
  assert.deepEqual([book.leadsTo('198.18.0.2'), book.leadsTo('198.18.0.3')], [false, true]);
});

test('[NET25] an address is led to until the last front gives it up', () => {
  const book = new RuleBook();
  book.claim(OLD, [aFront(['198.18.0.2', '198.18.0.3']), aFront(['198.18.0.2'], { port: 81 })]);
  book.takeChange();
  book.claim(OLD, [aFront(['198.18.0.3']), aFront(['198.18.0.2'], { port: 81 })]);
  book.takeChange();
  assert.equal(book.leadsTo('198.18.0.2'), true);
  book.claim(OLD, [aFront(['198.18.0.3'])]);
  book.takeChange();
  assert.equal(book.leadsTo('198.18.0.2'), false);
});

test('[NET30] ranges are written with the rules, and only those that change', () => {
  const book = new RuleBook();
  book.claimRanges(['198.19.0.0/20']);
  book.takeChange();
  book.claimRanges(['198.19.0.0/20', '198.19.32.0/24']);
  const element = (key: string): object => ({ map: 'service_ranges', key, value: '' });
  const { addElements, removeElements } = book.takeChange();
  assert.deepEqual([addElements, removeElements], [[element('198.19.32.0/24')], []]);
  book.claimRanges(['198.19.0.0/16']);
  assert.deepEqual(book.takeChange().removeElements, [element('198.19.0.0/20'), element('198.19.32.0/24')]);
  assert.deepEqual(book.everything().elements, [element('198.19.0.0/16')]);
});

test('[NET19] one endpoint more changes three elements and one chain, and nothing changes without a change', () => {
  const book = new RuleBook();
  const claim = (targets: readonly string[]): void => book.claim(OLD, [aFront(targets)]);
  claim(['198.18.0.2']);
  book.takeChange();
  claim(['198.18.0.2', '198.18.0.3']);
  const [chains = '', ...others] = changeTexts(NODE, book.takeChange());
  assert.match(chains, /^table ip tutti_0123abcd \{\nchain vips_2 \{[^}]*\}\n\}\n$/);
  assert.deepEqual(others, [
    [
      'delete element ip tutti_0123abcd vips { 198.19.0.20 . tcp . 80 }',
      'add element ip tutti_0123abcd vips { 198.19.0.20 . tcp . 80 : goto vips_2 }',
      'add element ip tutti_0123abcd vips_targets { 198.19.0.20 . tcp . 80 . 1 : 198.18.0.3 . 8080 }',
      'flush chain ip tutti_0123abcd vips_1',
      'delete chain ip tutti_0123abcd vips_1',
      '',
    ].join('\n'),
  ]);
  claim(['198.18.0.2', '198.18.0.3']);
  assert.deepEqual(changeTexts(NODE, book.takeChange()), []);
});

test('[NET14] a client’s endpoint has the same mark however endpoints are numbered', () => {
  const marked = (...steps: readonly (readonly string[])[]): ReadonlyMap<string, string> => {
    const book = new RuleBook();
    for (const targets of steps) {
      book.claim(OLD, [aFront(targets, { affinitySeconds: 60 })]);
      book.takeChange();
    }
    const elements = book.everything().elements.filter(({ map }) => map === 'vips_marked');
    return new Map(elements.map(({ key, value }) => [value, key]));
  };
  assert.deepEqual(marked(['a', 'b', 'c'], ['b', 'c']), marked(['c', 'b']));
});

const addresses = uniqueArray(constantFrom('198.18.0.2', '198.18.0.3', '198.18.0.4', '198.18.1.2'));
const fronts = record({
  table: constantFrom(...FRONT_TABLES),
  protocol: constantFrom('tcp', 'udp'),
  port: constantFrom(80, 81),
  targets: addresses,
  affinitySeconds: option(constantFrom(10, 60), { nil: undefined }),
  whenEmpty: constantFrom('refuse', 'drop'),
} as const);
const step = record({
  owner: nat(2),
  fronts: uniqueArray(fronts, {
    maxLength: 4,
    selector: ({ table, protocol, port }) => `${table} ${protocol} ${port}`,
  }),
});

test('[NET19, NET20, NET29] applying every change gives the table that writing it whole gives', () => {
  check(
    property(array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const book = new RuleBook();
      const kernel = anNftTable();
      kernel.load(replaceText(NODE, book.everything()));
      for (const { owner, fronts: claimed } of steps) {
        const made = claimed.map(({ targets, affinitySeconds, table, ...rest }) => ({
          ...rest,
          table,
          ...(table.endsWith('vips') ? { address: '198.19.0.20' } : {}),
          ...(affinitySeconds === undefined ? {} : { affinitySeconds }),
          targets: targets.map((address) => ({ address, port: 8080 })),
        }));
        book.claim({ name: `owner ${owner}`, rank: String(owner) }, made);
        for (const batch of changeTexts(NODE, book.takeChange())) kernel.load(batch);
        const whole = anNftTable();
        whole.load(replaceText(NODE, book.everything()));
        assert.deepEqual(kernel.content(), whole.content());
        checkLastClaim(kernel.content(), made, owner);
      }
    }),
    { numRuns: 200 },
  );
});

// The lowest rank always wins, so what owner 0 claimed last is what the table must lead to.
function checkLastClaim(
  content: Readonly<Record<string, Readonly<Record<string, string>>>>,
  claimed: readonly Front[],
  owner: number,
): void {
  if (owner !== 0) return;
  for (const front of claimed) {
    const { table, targets, affinitySeconds } = front;
    const map = content[affinitySeconds === undefined ? `${table}_targets` : `${table}_marked`] ?? {};
    const led = Object.entries(map).filter(([key]) => key.startsWith(`${frontKey(front)} . `));
    assert.deepEqual(led.map(([, value]) => value).toSorted(), targets.map(targetText).toSorted());
  }
}
