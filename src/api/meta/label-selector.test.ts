import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSelector, hasLabels, matchesLabels, NOTHING, selectorFrom, SelectorError } from './label-selector.ts';
import { parseSelector } from './label-selector-parser.ts';

const LABELS = { app: 'web', tier: 'front', weight: '10', empty: '' };

const VERDICTS = {
  '': true,
  'app=web': true,
  'app==web': true,
  ' app = web , tier = front ': true,
  'app!=web': false,
  'missing!=web': true,
  'app in (web, api)': true,
  'app in (api)': false,
  'app notin (api,db)': true,
  'missing notin (api)': true,
  app: true,
  '!app': false,
  '!missing': true,
  'weight>9': true,
  'weight<10': false,
  'app>1': false,
  'empty=': true,
  'empty in (,a)': true,
  'missing in ()': false,
  constructor: false,
  'in in (in)': false,
} as const;

for (const [text, verdict] of Object.entries(VERDICTS)) {
  test(`[API10] the selector "${text}" ${verdict ? 'selects' : 'refuses'} the labels`, () => {
    assert.equal(matchesLabels(parseSelector(text), LABELS), verdict);
  });
}

test('[API10] a parsed selector prints its requirements sorted by key, and reads the same again', () => {
  const printed = formatSelector(parseSelector('tier in (b,a),!legacy,app=web,n notin (x),size>3,x'));
  assert.equal(printed, 'app=web,!legacy,n notin (x),size>3,tier in (a,b),x');
  assert.equal(formatSelector(parseSelector(printed)), printed);
});

test("[API11] a selector that cannot be read is refused in upstream's words", () => {
  const refusals = {
    'app=web tier=front': "found 'tier', expected: ',' or 'end of string'",
    'app=web,': "found '', expected: identifier after ','",
    '=web': "found '=', expected: !, identifier, or 'end of string'",
    'app=(': "unable to parse requirement: found '(', expected: identifier",
    'app web': "unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt",
    'app in web': "unable to parse requirement: found 'web' expected: '('",
    'app in (a b)': "unable to parse requirement: found 'b', expected: ',' or ')'",
    'app in (a': "unable to parse requirement: found '', expected: ',' or ')'",
    'weight>x':
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
  };
  for (const [text, message] of Object.entries(refusals)) {
    assert.throws(() => parseSelector(text), new SelectorError(message), text);
  }
  assert.throws(
    () => parseSelector('a/b/c=d'),
    /^SelectorError: unable to parse requirement: <nil>: Invalid value: "a\/b\/c": a valid label key/,
  );
  assert.throws(
    () => parseSelector('a=-'),
    /^SelectorError: unable to parse requirement: values\[0\]\[a\]: Invalid value: "-": a valid label must be/,
  );
});

test('[API12] a workload without a selector selects nothing; with an empty one, everything', () => {
  assert.equal(matchesLabels(selectorFrom(undefined), LABELS), false);
  assert.equal(matchesLabels(NOTHING, undefined), false);
  assert.equal(matchesLabels(selectorFrom({}), LABELS), true);
});

test('[API12] match labels and match expressions must all hold', () => {
  const selector = selectorFrom({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['front', 'back'] },
      { key: 'legacy', operator: 'DoesNotExist' },
    ],
  });
  assert.equal(formatSelector(selector), 'app=web,!legacy,tier in (back,front)');
  assert.equal(matchesLabels(selector, LABELS), true);
  assert.equal(matchesLabels(selector, { ...LABELS, legacy: 'yes' }), false);
  assert.throws(
    () => selectorFrom({ matchExpressions: [{ key: 'a', operator: 'Near' }] }),
    new SelectorError('"Near" is not a valid label selector operator'),
  );
});

test('[API12] a map of labels selects what has all its pairs', () => {
  assert.equal(hasLabels(LABELS, { app: 'web', tier: 'front' }), true);
  assert.equal(hasLabels(LABELS, { app: 'api' }), false);
  assert.equal(hasLabels(undefined, {}), true);
});
