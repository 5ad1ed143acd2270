import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DECLARATIONS } from './declarations.ts';
import { celEnvironment } from './environment.ts';
import { CelError, CelSyntaxError } from './error.ts';
import { QUANTITIES } from './library/quantities.ts';
import { CelDuration } from './library/times.ts';
import { STANDARD } from './library/standard.ts';
import { VERSIONS } from './library/versions.ts';
import { compileProgram } from './program.ts';
import { DYN, listOf, mapOf, simpleType } from './types.ts';
import { CelUint, RecordMap, type CelValue } from './values.ts';

const environment = celEnvironment(
  { x: simpleType('int'), map: mapOf(simpleType('string'), DYN), items: listOf(simpleType('int')) },
  [...STANDARD, QUANTITIES, VERSIONS],
);
const VARIABLES = {
  x: 5n,
  map: new RecordMap({ a: 1n, b: 'two', inner: new RecordMap({ c: true }) }),
  items: [1n, 2n, 3n],
};
const COST = 10_000;

const evaluate = (source: string): CelValue => compileProgram(source, environment).evaluate(VARIABLES, COST);

/** The message of what goes wrong. */
function failure(source: string): string {
  try {
    evaluate(source);
  } catch (error) {
    if (error instanceof CelError || error instanceof CelSyntaxError) return error.message;
    throw error;
  }
  return 'nothing went wrong';
}

function all(cases: Readonly<Record<string, CelValue>>): void {
  const results = Object.keys(cases).map((source) => [source, evaluate(source)] as const);
  assert.deepEqual(Object.fromEntries(results), cases);
}

test('[CEL1] numbers, texts, bytes and constants are read as they are written', () => {
  all({
    '1': 1n,
    '0x1F': 31n,
    '-9223372036854775808': -(2n ** 63n),
    '1u': new CelUint(1n),
    '1.5e3': 1500,
    '.5': 0.5,
    true: true,
    null: null,
    '"a\\n\\u00e9\\x41\\101"': 'a\néAA',
    "r'a\\n'": 'a\\n',
    '"""a "b"\nc"""': 'a "b"\nc',
    "b'\\xff'": Uint8Array.of(255),
    '\'single\' + "double" // a comment': 'singledouble',
  });
});

test('[CEL2] operators bind as usual, and work from the left', () => {
  all({
    '1 + 2 * 3 - 4 / 2': 5n,
    '7 % 4 * -1': -3n,
    '-7 / 2': -3n,
    '10 - 3 - 2': 5n,
    '!true || 1 < 2 && 2 <= 2': true,
    'false ? 1 : true ? 2 : 3': 2n,
    '"a" + "b" == "ab"': true,
    '[1] + [2, 3]': [1n, 2n, 3n],
    '2 in items && !(9 in items)': true,
    '"a" in map && !("z" in map)': true,
    '--x': 5n,
  });
});

test('[CEL3] numbers of all kinds are compared by their amount, other values only with their like', () => {
  all({
    'dyn(1) == 1.0 && dyn(1u) == 1 && 1.5 > 1': true,
    'dyn("1") == 1': false,
    '[dyn(1), "a"] == [dyn(1.0), "a"]': true,
    '{"a": dyn(1)} == {"a": 1u}': true,
    '"a" < "b" && false < true && b"a" < b"b"': true,
    'null == null && null != dyn(0)': true,
  });
  assert.equal(failure('dyn("a") < 1'), 'no such overload');
});

test('[CEL4] what cannot be worked out fails in the words of upstream', () => {
  assert.deepEqual(
    [
      '9223372036854775807 + 1',
      '1 / 0',
      '1 % 0',
      '0u - 1u',
      'map.z',
      'map["z"]',
      'items[3]',
      '1 + dyn("a")',
      'dyn(x).y',
      '!dyn(1)',
    ].map(failure),
    [
      'integer overflow',
      'division by zero',
      'modulus by zero',
      'unsigned integer overflow',
      'no such key: z',
      'no such key: z',
      'index out of bounds: 3',
      'no such overload',
      'no such overload',
      'no such overload',
    ],
  );
});

test('[CEL5] one side of a logical operator decides, whatever fails on the other', () => {
  all({
    'true || 1 / 0 == 1': true,
    '1 / 0 == 1 || true': true,
    'false && 1 / 0 == 1': false,
    '1 / 0 == 1 && false': false,
  });
  assert.equal(failure('1 / 0 == 1 || false'), 'division by zero');
});

test('[CEL6] members are looked up, and asked for before they are', () => {
  all({
    'map.inner.c': true,
    'map["b"]': 'two',
    'items[1]': 2n,
    'has(map.a) && !has(map.z) && has(map.inner.c)': true,
    'map.?z.orValue(7)': 7n,
    'map.?inner.c.hasValue()': true,
    'map[?"a"].value()': 1n,
    'optional.of(1).or(optional.none()).value()': 1n,
    '{"k": [1, 2]}["k"][1]': 2n,
  });
  assert.match(failure('has(map)'), /invalid argument to has\(\) macro/);
});

test('[CEL7] macros go through lists and the keys of maps', () => {
  all({
    'items.all(i, i > 0)': true,
    'items.exists(i, i == 2)': true,
    'items.exists_one(i, i > 2)': true,
    'items.filter(i, i > 1)': [2n, 3n],
    'items.map(i, i * 2)': [2n, 4n, 6n],
    'items.map(i, i > 1, i * 2)': [4n, 6n],
    'map.exists(k, k == "b")': true,
    'items.map(i, items.map(j, i * j).exists(p, p == 6))': [false, true, true],
    '[0, 1].exists(i, 1 / i == 1)': true,
    'cel.bind(y, x + 1, y * y)': 36n,
    'items.map(x, x).size() + x': 8n,
  });
  assert.equal(failure('[0, 2].exists(i, 1 / i == 1)'), 'division by zero');
});

test('[CEL8] texts are searched, cut and put together by characters', () => {
  all({
    'size("añ😀") == 3 && "abc".size() == 3 && size(items) == 3 && size(map) == 3': true,
    '"hello".startsWith("he") && "hello".endsWith("lo") && "hello".contains("ell")': true,
    '"a1b2".matches("^([a-z][0-9])+$")': true,
    '"Tacocat".lowerAscii() + "a".upperAscii()': 'tacocatA',
    '"tacocat".indexOf("ac")': 1n,
    '"tacocat".lastIndexOf("a")': 5n,
    '"😀b".indexOf("b")': 1n,
    '"tacocat".substring(1, 4)': 'aco',
    '"a,b,c".split(",").join("-")': 'a-b-c',
    '"a,b,c".split(",", 2)': ['a', 'b,c'],
    '"aaa".replace("a", "b", 2)': 'bba',
    '" a ".trim() + "abc".charAt(1)': 'ab',
  });
  assert.match(failure('"a".matches(string("("))'), /^error parsing regexp: /);
  assert.equal(failure('"a".substring(2)'), 'index out of range: 2');
});

test('[CEL9] values are turned into those of other types, or it is told why not', () => {
  all({
    'int("42") + int(1.9) + int(3u)': 46n,
    'uint(7)': new CelUint(7n),
    'double("1.5") + double(2)': 3.5,
    'string(1) + string(true) + string(2.5) + string(b"x")': '1true2.5x',
    'bool("true")': true,
    'dyn(1) == 1': true,
  });
  assert.equal(failure('int("x")'), 'cannot convert "x" to int');
});

test('[CEL10] quantities are exact amounts', () => {
  all({
    'quantity("1Gi").isGreaterThan(quantity("1G"))': true,
    'quantity("500m").compareTo(quantity("0.5"))': 0n,
    'quantity("500m") == quantity("0.5")': true,
    'quantity("50M").add(quantity("50M")).sub(1).asInteger()': 99_999_999n,
    'quantity("50k").isInteger() && !quantity("50m").isInteger()': true,
    'quantity("1500m").asApproximateFloat()': 1.5,
    'quantity("-1").sign()': -1n,
    'isQuantity("1Ki") && !isQuantity("1X")': true,
  });
  assert.match(failure('quantity("X")'), /^quantities must match the regular expression/);
});

test('[CEL11] versions are compared as semantic versions', () => {
  all({
    'semver("1.10.0").isGreaterThan(semver("1.9.3"))': true,
    'semver("1.0.0-rc.2").isLessThan(semver("1.0.0-rc.10")) && semver("1.0.0-rc.10").isLessThan(semver("1.0.0"))': true,
    'semver("1.2.3+a").compareTo(semver("1.2.3+b"))': 0n,
    'semver("1.2.3").major() + semver("1.2.3").minor() + semver("1.2.3").patch()': 6n,
    'isSemver("v1.2") || isSemver("01.2.3")': false,
    'semver("v1.2", true) == semver("1.2.0")': true,
  });
});

test('[CEL17] moments and spans of time are read, written, compared and added up', () => {
  const moment = 'timestamp("2026-11-23T06:30:15.25Z")';
  all({
    'duration("1h30m") == duration("90m") && duration("1s") < duration("1500ms")': true,
    'string(duration("1h") - duration("500ms"))': '3599.5s',
    'string(duration("-1.5s"))': '-1.5s',
    'duration("90m").getHours() + duration("90m").getMinutes()': 91n,
    'duration("1500ms").getSeconds() + duration("1500ms").getMilliseconds()': 1501n,
    [`string(${moment} + duration("1ns"))`]: '2026-11-23T06:30:15.250000001Z',
    [`string(duration("-24h") + ${moment})`]: '2026-11-22T06:30:15.25Z',
    [`${moment} - timestamp("2026-11-23T07:00:15.25+01:00")`]: new CelDuration(1_800_000_000_000n),
    [`${moment} > timestamp(0) && timestamp(1) == timestamp("1970-01-01T00:00:01Z")`]: true,
    [`int(${moment})`]: 1_795_415_415n,
    [`[${moment}.getFullYear(), ${moment}.getMonth(), ${moment}.getDate()]`]: [2026n, 10n, 23n],
    [`[${moment}.getDayOfMonth(), ${moment}.getDayOfYear(), ${moment}.getDayOfWeek()]`]: [22n, 326n, 1n],
    [`[${moment}.getHours(), ${moment}.getMinutes(), ${moment}.getSeconds(), ${moment}.getMilliseconds()]`]: [
      6n,
      30n,
      15n,
      250n,
    ],
    [`[${moment}.getHours("America/New_York"), ${moment}.getHours("+05:30"), ${moment}.getMinutes("-00:45")]`]: [
      1n,
      12n,
      45n,
    ],
    'string(timestamp("1969-12-31T23:59:59.5Z"))': '1969-12-31T23:59:59.5Z',
  });
  const refused = {
    'duration(dyn("1"))': "type conversion error from 'string' to 'google.protobuf.Duration'",
    'timestamp(string("today"))': "type conversion error from 'string' to 'google.protobuf.Timestamp'",
    'timestamp("9999-12-31T23:59:59Z") + duration("1s")': 'timestamp overflow',
    'duration("2562047h") + duration("2562047h")': 'integer overflow',
    [`${moment}.getHours("Nowhere/Land")`]: 'unknown time zone Nowhere/Land',
  };
  assert.deepEqual(Object.fromEntries(Object.keys(refused).map((source) => [source, failure(source)])), refused);
});

test('[CEL18] lists are put in order, summed up and searched, and compared as sets', () => {
  all({
    '[1, 2, 2].isSorted() && !["b", "a"].isSorted() && [].isSorted()': true,
    'items.sum() + [].sum()': 6n,
    'string([duration("1m"), duration("1s")].sum())': '61s',
    '[2, 1, 3].min() + [2, 1, 3].max()': 4n,
    '["b", "a"].min() + ["b", "a"].max()': 'ab',
    '[1, 2, 2].indexOf(2) + [1, 2, 2].lastIndexOf(2) + [1].indexOf(3)': 2n,
    'sets.contains([1, 2, 3], [3, 1]) && !sets.contains([1], [1, 2]) && sets.contains([1], [])': true,
    'sets.equivalent([1, 2, 2], [2, 1]) && !sets.equivalent([1], [1, 2])': true,
    'sets.intersects([1, 2], [2, 3]) && !sets.intersects([1], [2])': true,
  });
  assert.deepEqual(['[].min()', '[dyn(1), dyn("a")].max()', '[[1]].sum()'].map(failure), [
    'min called on empty list',
    'no such overload',
    "ERROR: <input>:1:10: found no matching overload for 'sum' applied to 'list(list(int)).()'\n | [[1]].sum()\n | .........^",
  ]);
});

test('[CEL12] what is not known, and what is no expression, is refused with its place before anything runs', () => {
  assert.deepEqual(
    [
      'x + nothing',
      'x.\n  y(',
      'foo(1)',
      'a ? b',
      '"open',
      '1 +',
      'for',
      '9223372036854775808',
      'items.all(1, true)',
    ].map(failure),
    [
      "ERROR: <input>:1:5: undeclared reference to 'nothing' (in container '')\n | x + nothing\n | ....^",
      "ERROR: <input>:2:5: Syntax error: mismatched input '<EOF>' expecting an expression\n |   y(\n | ....^",
      "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')\n | foo(1)\n | ...^",
      "ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting ':'\n | a ? b\n | .....^",
      'ERROR: <input>:1:1: Syntax error: token recognition error at: \'"open\'\n | "open\n | ^',
      "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting an expression\n | 1 +\n | ...^",
      'ERROR: <input>:1:1: Syntax error: reserved identifier: for\n | for\n | ^',
      'ERROR: <input>:1:1: invalid int literal\n | 9223372036854775808\n | ^',
      'ERROR: <input>:1:11: argument must be a simple name\n | items.all(1, true)\n | ..........^',
    ],
  );
  assert.match(failure(`${'('.repeat(300)}1${')'.repeat(300)}`), /expression recursion limit exceeded: 250/);
  assert.match(failure(`${'!'.repeat(300)}true`), /expression recursion limit exceeded: 250/);
  const long = ['1+'.repeat(5000) + '1', 'x||'.repeat(3000) + 'x', `x${'.a'.repeat(5000)}`, `x${'[0]'.repeat(3000)}`];
  for (const source of [...long, `(${'1+'.repeat(900)}1)${'+1'.repeat(900)}`])
    assert.match(failure(source), /expression recursion limit exceeded: 1000/);
  assert.equal(evaluate('1+'.repeat(900) + '1'), 901n);
});

test('[CEL13] an expression costs no more than it may', () => {
  const nested = 'items.all(a, items.all(b, items.all(c, items.all(d, a + b + c + d > 0))))';
  assert.equal(compileProgram(nested, environment).evaluate(VARIABLES, 2_000), true);
  assert.throws(() => compileProgram(nested, environment).evaluate(VARIABLES, 200), {
    message: 'operation cancelled: actual cost limit exceeded',
  });
  const doubling = `cel.bind(a, "aaaaaaaaaa", cel.bind(b, ${'a + '.repeat(50)}a, ${'b + '.repeat(50)}b)).size() > 0`;
  assert.throws(() => compileProgram(doubling, environment).evaluate(VARIABLES, 1_000), /cost limit/);
});

test('[CEL14] what an expression yields shows before it runs, where it does', () => {
  const types: Readonly<Record<string, string>> = {
    '1 < 2': 'bool',
    '"a"': 'string',
    'dyn(x) + dyn(1)': 'dyn',
    'x + 1': 'int',
    'items.exists(i, i > 0)': 'bool',
    'true ? 1 : 2': 'int',
    'true ? map.a : 1': 'dyn',
    'map.a': 'dyn',
    '[1]': 'list(int)',
    '[x, dyn(1)]': 'list(dyn)',
    'items.map(i, string(i))': 'list(string)',
    'map.filter(k, k != "a")[0]': 'string',
    '{"a": [1u]}.?a[0]': 'optional_type(uint)',
    '{}.a': 'dyn',
    'optional.of(1).orValue(2)': 'int',
    'cel.bind(q, quantity("1"), q.add(1))': 'kubernetes.Quantity',
  };
  const found = Object.keys(types).map((source) => [source, compileProgram(source, environment).resultType] as const);
  assert.deepEqual(Object.fromEntries(found), types);
});

test('[CEL16] parts that do not go together are refused with their place before anything runs', () => {
  const refused: Readonly<Record<string, string>> = {
    'x > "a"': "1:3: found no matching overload for '_>_' applied to '(int, string)'",
    'x.startsWith("a")': "1:13: found no matching overload for 'startsWith' applied to 'int.(string)'",
    'contains("a", "b")': "1:9: found no matching overload for 'contains' applied to '(string, string)'",
    '"a".matches("(")': '1:13: invalid matches argument',
    'duration("1") == duration("1s")': '1:10: invalid duration argument',
    'timestamp("today") > timestamp(0)': '1:11: invalid timestamp argument',
    'x.y': "1:2: type 'int' does not support field selection",
    '!x': "1:1: found no matching overload for '!_' applied to '(int)'",
    '-"a"': "1:1: found no matching overload for '-_' applied to '(string)'",
    '"a" in items': "1:5: found no matching overload for '@in' applied to '(string, list(int))'",
    'x && true': "1:3: found no matching overload for '_&&_' applied to '(int, bool)'",
    'x ? 1 : 2': "1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'",
    'true ? 1 : "a"': "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'",
    'items["a"]': "1:6: found no matching overload for '_[_]' applied to '(list(int), string)'",
    '[1, "a"]': "1:5: expected type 'int' but found 'string'",
    'x.all(i, true)':
      "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    'items.all(i, i)': "1:10: found no matching overload for '_&&_' applied to '(bool, int)'",
    'items.filter(i, i)[0] == 1':
      "1:13: found no matching overload for '_?_:_' applied to '(int, list(int), list(int))'",
    'optional.of("a").orValue(1)':
      "1:25: found no matching overload for 'orValue' applied to 'optional_type(string).(int)'",
    'semver("1.0.0") < semver("2.0.0")':
      "1:17: found no matching overload for '_<_' applied to '(kubernetes.Semver, kubernetes.Semver)'",
  };
  const said = Object.keys(refused).map((source) => [source, failure(source).split('\n')[0]?.slice(15)]);
  assert.deepEqual(Object.fromEntries(said), refused);
});

test('[CEL16] what every function takes is declared, and nothing else is', () => {
  // These are worked out in other ways than by calling something.
  const structures = ['&&', '||', '?:', '[]', '[?]'];
  const declared = [...DECLARATIONS.keys()].filter((name) => !structures.includes(name));
  assert.deepEqual(declared.toSorted(), [...environment.functions.keys()].toSorted());
});

test('[CEL16] types do not grow beyond what can be looked through', () => {
  const deep = Array.from({ length: 60 }, (_, index) => `cel.bind(v${index + 1}, {v${index}: v${index}}, `).join('');
  const sizes = compileProgram(`cel.bind(v0, {1: 1}, ${deep}v60.size())${')'.repeat(60)}`, environment);
  assert.equal(sizes.worstCost, 61 * (10 + 30) + 120 + 2);
  assert.match(
    failure(`cel.bind(v0, {1: 1}, ${deep}v60.size() + "a"${')'.repeat(61)}`),
    /applied to '\(int, string\)'/,
  );
});

const WORDS =
  'x map items a b i 1 2u 0 -1 1.5 "t" b"t" true null ( ) [ ] { } , . .? [? ? : + - * / % ! && || == != < >= in has size all exists exists_one map filter matches quantity semver optional.of cel.bind string int split join replace'.split(
    ' ',
  );

test('[CEL15] whatever is written is worked out, or refused, or fails: nothing else becomes of it', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((words) => words.join(' ')),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join('')),
    fc.string({ maxLength: 30 }),
  );
  fc.assert(
    fc.property(text, (source) => {
      failure(source);
    }),
    { numRuns: 3000 },
  );
});
