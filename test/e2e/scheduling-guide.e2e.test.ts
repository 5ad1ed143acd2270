import { test } from 'node:test';
import { TestCluster } from './cluster.ts';
import { runGuide } from './guide.ts';

test('[E2E92] the commands of the page on scheduling print what it shows', async () => {
  await using cluster = await TestCluster.start({ upArguments: ['--runtime', 'hollow', '--hollow-nodes', '3'] });
  await runGuide(cluster, 'scheduling');
});
