import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactField, matchesFields, parseFieldSelector } from './field-selector.ts';
import { SelectorError } from './label-selector.ts';

const FIELDS: Readonly<Record<string, string>> = {
  'metadata.name': 'web',
  'status.phase': 'Running',
  message: 'a,b=c\\',
};
const matches = (text: string): boolean => matchesFields(parseFieldSelector(text), (field) => FIELDS[field] ?? '');

test('[API13] all terms of a field selector must hold', () => {
  assert.equal(matches(''), true);
  assert.equal(matches('metadata.name=web,status.phase!=Pending'), true);
  assert.equal(matches('metadata.name==web,status.phase!=Running'), false);
  assert.equal(matches('spec.nodeName='), true);
});

test('[API13] a backslash escapes commas, equal signs and itself', () => {
  assert.equal(matches(String.raw`message=a\,b\=c\\`), true);
});

test('[API13] the exact value of a field is known when the selector names it', () => {
  const selector = parseFieldSelector('metadata.name=web,status.phase!=Running');
  assert.equal(exactField(selector, 'metadata.name'), 'web');
  assert.equal(exactField(selector, 'status.phase'), undefined);
});

test("[API13] a field selector that cannot be read is refused in upstream's words", () => {
  const refusals = {
    web: "invalid selector: 'web'; can't understand 'web'",
    'a=b=c': 'invalid field selector: unescaped character in value: 61',
    [String.raw`a=\b`]: String.raw`invalid field selector: invalid escape sequence: \b`,
    'a=b\\': 'invalid field selector: invalid escape sequence: \\',
  };
  for (const [text, message] of Object.entries(refusals)) {
    assert.throws(() => parseFieldSelector(text), new SelectorError(message), text);
  }
});
