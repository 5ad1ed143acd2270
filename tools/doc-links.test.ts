import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDeadLinks } from './doc-links.ts';

test('[HOU13] links that lead nowhere are told, and no others', () => {
  const guide = '# The guide\n\n## First steps, quickly\n\n```md\n[not](a-link.md)\n```\n';
  const readme = [
    '[guide](docs/guide.md) [folder](docs/) [steps](docs/guide.md#first-steps-quickly) [web](https://example.org)',
    '[self](#tutti) [gone](docs/gone.md) [no](docs/guide.md#second-steps) [up](../elsewhere.md)',
    '# Tutti',
  ].join('\n');
  const pages = [
    { path: 'README.md', text: readme },
    { path: 'docs/guide.md', text: guide },
  ];
  assert.deepEqual(findDeadLinks(pages, ['README.md', 'docs/guide.md']), [
    'README.md: docs/gone.md leads nowhere',
    'README.md: docs/guide.md#second-steps leads nowhere',
    'README.md: ../elsewhere.md leads nowhere',
  ]);
  assert.deepEqual(findDeadLinks([], []), ['Cannot check links: no page was found']);
});
