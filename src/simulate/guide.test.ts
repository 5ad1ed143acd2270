import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { decodeScenario } from './decode-scenario.ts';

const ROOT = new URL('../../', import.meta.url);
const GUIDE = readFileSync(new URL('docs/guide/simulation.md', ROOT), 'utf8');

function blocks(language: string): readonly string[] {
  return [...GUIDE.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
}

test('[SIM21] the scenarios of the guide can be read', () => {
  const scenarios = blocks('yaml');
  assert.ok(scenarios.length > 0);
  for (const text of scenarios) {
    const decoded = decodeScenario(parse(text));
    assert.ok('scenario' in decoded, JSON.stringify(decoded));
    assert.equal(new Set(decoded.scenario.actions.map(({ action }) => action.type)).size, 9);
  }
});

test('[SIM21] the files of the commands of the guide are there', () => {
  const files = blocks('sh').flatMap((text) => text.match(/examples\/\S+/g) ?? []);
  assert.ok(files.length >= 10);
  for (const file of files) assert.ok(existsSync(fileURLToPath(new URL(file, ROOT))), file);
});
