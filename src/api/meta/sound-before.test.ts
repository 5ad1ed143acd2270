import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateLabels } from './validate-labels.ts';

test('[KIN4] labels that share an object with ones that were checked are sound, and changed ones are checked again', () => {
  const sound = Object.freeze({ app: 'web' });
  const wrong = Object.freeze({ app: 'not a label' });
  const changing: Record<string, string> = { app: 'web' };
  const problemsOf = (labels: Readonly<Record<string, string>> | undefined): number =>
    validateLabels(labels, 'metadata.labels').length;
  const counts = [sound, sound, wrong, wrong, changing, undefined].map(problemsOf);
  changing['app'] = 'not a label';
  assert.deepEqual([...counts, problemsOf(changing), problemsOf(sound)], [0, 0, 1, 1, 0, 0, 1, 0]);
});
