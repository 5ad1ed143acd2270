import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { decodeScenario } from './decode-scenario.ts';

const ROOT = new URL('../../', import.meta.url);
const GUIDE = readFileSync(new URL('docs/guide/simulation.md', ROOT), 'utf8');

function blocks(language: string): readonly string[] {
  return [...GUIDE.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
}

test('[SIM21] the guide shows every action of a scenario', () => {
  const decoded = blocks('yaml')
    .map((text): unknown => parse(text))
    .map(decodeScenario);
  const types = decoded
    .flatMap((each) => ('scenario' in each ? each.scenario.actions : []))
    .map(({ action }) => action.type);
  assert.equal(new Set(types).size, 9);
});

test('[SIM21] the guide shows every example', () => {
  const examples = readdirSync(new URL('examples/scenarios/', ROOT)).filter((name) => name.endsWith('.yaml'));
  assert.ok(examples.length >= 5);
  const commands = blocks('console').join('');
  for (const name of examples) assert.ok(commands.includes(`tutti simulate examples/scenarios/${name}`), name);
});
