import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestCluster } from './cluster.ts';
import { isShown, partsOf, runGuide } from './guide.ts';

test('[E2E90] what a page of the guide shows is compared line by line, and `…` stands for what differs', () => {
  const page = '```yaml\n# a.yaml\nkind: A\n```\ntext\n```console\n$ one\nfirst  line\n…\nlast …\n$ two\n```\n';
  assert.deepEqual(partsOf(page), [
    { kind: 'file', name: 'a.yaml', text: '# a.yaml\nkind: A\n' },
    {
      kind: 'steps',
      steps: [
        { command: 'one', shown: ['first  line', '…', 'last …'] },
        { command: 'two', shown: [] },
      ],
    },
  ]);
  const shown = ['first  line', '…', 'last …'];
  assert.deepEqual(
    ['first line\nlast 1\n', 'first line\nmore\nlast 1', 'first line\n', 'other\nlast 1'].map((text) =>
      isShown(text, shown),
    ),
    [true, true, false, false],
  );
  assert.deepEqual([isShown('', []), isShown('more', [])], [true, false]);
});

test('[E2E91] the commands of the page on workloads print what it shows', async () => {
  await using cluster = await TestCluster.start({ upArguments: ['--runtime', 'hollow', '--hollow-nodes', '2'] });
  await runGuide(cluster, 'workloads');
});
