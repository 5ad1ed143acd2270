/** Load makes the web app larger, and the end of the load makes it small again, on real containers. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load as parseYaml } from 'js-yaml';
import type { HorizontalPodAutoscaler } from '#api/types/autoscaling-v2';
import type { Deployment } from '#api/types/apps-v1';
import { eventually, ROOT, TestCluster } from './cluster.ts';
import { curl } from './http.ts';

const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/busybox:latest'];
const SCALES_WITHIN_MS = 120_000;

// Requests in one long batch a connection cost the client little and nginx much; the limit bounds both.
const LOAD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'load' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'load',
        image: 'busybox:1.36',
        command: ['sh', '-c'],
        args: [
          String.raw`for i in $(seq 500); do printf 'GET / HTTP/1.1\r\nHost: web-service\r\n\r\n'; done > /tmp/requests
          printf 'GET / HTTP/1.1\r\nHost: web-service\r\nConnection: close\r\n\r\n' >> /tmp/requests
          while true; do nc web-service 80 < /tmp/requests > /dev/null; done`,
        ],
        resources: { limits: { cpu: '200m' } },
      },
    ],
  },
};

describe('the autoscaler of the web app', { timeout: 400_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    await cluster.kubectl('apply', '-f', 'examples/web-app/');
    await cluster.apply(await impatientAutoscaler());
    await cluster.kubectl('scale', 'deployment/web-app', '--replicas=2');
    await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=60s');
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const autoscaler = () => cluster.json<HorizontalPodAutoscaler>('get', 'hpa', 'web-app');
  const readyReplicas = async (): Promise<number> =>
    (await cluster.json<Deployment>('get', 'deployment', 'web-app')).status?.readyReplicas ?? 0;

  test('[E2E9] the autoscaler measures the idle web app and leaves it at its smallest size', async () => {
    const status = await eventually(async () => {
      const { status: now } = await autoscaler();
      return now?.currentMetrics !== undefined && now;
    }, 'the first measurement');
    assert.equal(status.desiredReplicas, 2);
    assert.equal(status.conditions?.find(({ type }) => type === 'ScalingActive')?.status, 'True');
    assert.match(await cluster.kubectl('get', 'hpa'), /^web-app +Deployment\/web-app +cpu: \d+%\/70% +2 +10 +2 +\S+$/m);
  });

  test('[E2E9] load through the service makes it larger while it keeps answering', async () => {
    await cluster.apply(LOAD);
    const replicas = await eventually(
      async () => {
        const ready = await readyReplicas();
        return ready > 2 && ready;
      },
      'scaling up',
      SCALES_WITHIN_MS,
    );
    assert.ok(replicas <= 10);
    assert.match(
      await events(),
      /New size: \d+; reason: cpu resource utilization \(percentage of request\) above target/,
    );
    const [address] = await cluster.fields(['service', 'web-service'], '{.status.loadBalancer.ingress[0].ip}');
    assert.equal(await curl(cluster.hosts.client, `http://${address}/version`), '1.20\n');
  });

  test('[E2E9] without the load it goes back to its smallest size', async () => {
    await cluster.kubectl('delete', 'pod', 'load');
    await eventually(async () => (await readyReplicas()) === 2, 'scaling down', SCALES_WITHIN_MS);
    assert.match(await events(), /New size: 2; reason: All metrics below target/);
    assert.equal((await autoscaler()).spec.scaleTargetRef.name, 'web-app');
    const described = await cluster.kubectl('describe', 'hpa', 'web-app');
    assert.match(described, /SuccessfulRescale/);
    assert.match(described, /^Min replicas: +2$/m);
  });

  function events(): Promise<string> {
    return cluster.kubectl('get', 'events', '--field-selector', 'reason=SuccessfulRescale');
  }
});

/** The manifest of the example, not waiting minutes before it scales down. */
async function impatientAutoscaler(): Promise<HorizontalPodAutoscaler> {
  const manifest = await readFile(join(ROOT, 'examples/web-app/hpa.yaml'), 'utf8');
  const example = parseYaml(manifest) as HorizontalPodAutoscaler;
  const behavior = { scaleDown: { stabilizationWindowSeconds: 5 } };
  return { ...example, spec: { ...example.spec, behavior } };
}
