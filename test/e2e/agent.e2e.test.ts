/** The agent on a real containerd: what only real containers can show. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Secret } from '#api/core/secret';
import type { Container, ContainerStatus, PodStatus } from '#api/types/core-v1';
import { startAgentFixture, type AgentFixture } from './agent-fixture.ts';

const IMAGE = 'busybox:latest';
const NAMESPACE = 'default';

const aShell = (script: string, changes: Partial<Container> = {}): Container => ({
  name: 'web',
  image: IMAGE,
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', script],
  ...changes,
});
const STAY = 'trap "exit 0" TERM; while :; do sleep 0.1; done';

const web = ({ containerStatuses = [] }: PodStatus): ContainerStatus | undefined => containerStatuses[0];
const isRunning = ({ phase }: PodStatus): boolean => phase === 'Running';
const isReady = ({ conditions = [] }: PodStatus): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

describe('the agent on containerd', () => {
  let node: AgentFixture;
  before(async () => {
    node = await startAgentFixture();
  });
  after(() => node.stop());

  test('[NOD170] a container sees its variables, its volumes, its names and its limits', async () => {
    const { client } = node;
    await client.create(ConfigMap, { metadata: { namespace: NAMESPACE, name: 'app' }, data: { greeting: 'hello' } });
    const password = Buffer.from('hush').toString('base64');
    await client.create(Secret, { metadata: { namespace: NAMESPACE, name: 'keys' }, data: { password } });
    await node.createPod('sees', {
      hostname: 'host-a',
      terminationGracePeriodSeconds: 5,
      initContainers: [
        aShell('echo from-init > /work/file', { name: 'init', volumeMounts: [{ name: 'work', mountPath: '/work' }] }),
      ],
      containers: [
        aShell(STAY, {
          env: [
            { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'app', key: 'greeting' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
          resources: { limits: { memory: '64Mi', cpu: '500m' } },
          volumeMounts: [
            { name: 'work', mountPath: '/work' },
            { name: 'app', mountPath: '/app' },
            { name: 'app', mountPath: '/one', subPath: 'greeting' },
            { name: 'keys', mountPath: '/keys' },
            { name: 'memory', mountPath: '/memory' },
          ],
        }),
      ],
      volumes: [
        { name: 'work', emptyDir: {} },
        { name: 'app', configMap: { name: 'app' } },
        { name: 'keys', secret: { secretName: 'keys' } },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ],
    });
    const { podIP } = await node.until('sees', isRunning);
    assert.equal(await node.shell('sees', 'echo $GREETING $PASSWORD $IP'), `hello hush ${podIP}\n`);
    assert.equal(
      await node.shell('sees', 'cat /work/file /app/greeting /one /keys/password'),
      'from-init\nhellohellohush',
    );
    assert.match(await node.shell('sees', 'echo x > /app/new'), /Read-only file system/);
    assert.match(await node.shell('sees', 'df /keys /memory'), /tmpfs[^]*tmpfs +1024/);
    assert.match(await node.shell('sees', 'hostname; cat /etc/hosts'), new RegExp(`^host-a\n[^]*${podIP}\thost-a`));
    assert.match(
      await node.shell('sees', 'cat /etc/resolv.conf'),
      /search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/,
    );
    await client.update(ConfigMap, {
      ...(await client.get(ConfigMap, { namespace: NAMESPACE, name: 'app' })),
      data: { greeting: 'changed' },
    });
    await node.shell('sees', 'for i in $(seq 50); do grep -q changed /app/greeting && break; sleep 0.1; done');
    assert.equal(await node.shell('sees', 'cat /app/greeting /one'), 'changedhello');
  });

  test('[NOD171] an agent that starts anew takes over containers with their ids and counts', async () => {
    const script = `test -f /work/seen && { ${STAY}; }; touch /work/seen; exit 1`;
    const volumeMounts = [{ name: 'work', mountPath: '/work' }];
    await node.createPod('stays', {
      volumes: [{ name: 'work', emptyDir: {} }],
      containers: [aShell(script, { volumeMounts })],
    });
    const before = await node.until('stays', (status) => web(status)?.restartCount === 1 && isReady(status));
    await node.restartAgent();
    const after = await node.until('stays', isReady);
    assert.deepEqual(
      [web(after)?.containerID, web(after)?.restartCount],
      [web(before)?.containerID, web(before)?.restartCount],
    );
  });

  test('[NOD172] a container that uses too much memory is killed, and its end is told as such', async () => {
    const script = 'x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done';
    await node.createPod('eats', {
      restartPolicy: 'Never',
      containers: [aShell(script, { resources: { limits: { memory: '16Mi' } } })],
    });
    const status = await node.until('eats', ({ phase }) => phase === 'Failed');
    const { exitCode, reason } = web(status)?.state?.terminated ?? {};
    assert.deepEqual([exitCode, reason], [137, 'OOMKilled']);
  });

  test("[NOD173] a container's last words are its termination message", async () => {
    const message = 'echo noise; echo "no config" > /dev/termination-log; exit 3';
    await node.createPod('speaks', { restartPolicy: 'Never', containers: [aShell(message)] });
    const spoken = web(await node.until('speaks', ({ phase }) => phase === 'Failed'))?.state?.terminated;
    assert.deepEqual([spoken?.exitCode, spoken?.message], [3, 'no config\n']);
    const silent = aShell('echo from the log; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' });
    await node.createPod('logs', { restartPolicy: 'Never', containers: [silent] });
    const logged = web(await node.until('logs', ({ phase }) => phase === 'Failed'))?.state?.terminated;
    assert.equal(logged?.message, 'from the log\n');
  });

  test('[NOD174] probes decide about readiness and restarts', async () => {
    const script = `mkdir -p /www; echo ok > /www/ready; httpd -p 8080 -h /www; ${STAY}`;
    const readinessProbe = { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1, failureThreshold: 1 };
    const livenessProbe = { exec: { command: ['sh', '-c', '! test -f /dead'] }, periodSeconds: 1, failureThreshold: 1 };
    const container = aShell(script, { ports: [{ name: 'http', containerPort: 8080 }], readinessProbe, livenessProbe });
    await node.createPod('probed', { terminationGracePeriodSeconds: 2, containers: [container] });
    await node.until('probed', isReady);
    await node.shell('probed', 'mv /www/ready /www/away');
    await node.until('probed', (status) => isRunning(status) && !isReady(status));
    await node.shell('probed', 'mv /www/away /www/ready');
    await node.until('probed', isReady);
    await node.shell('probed', 'touch /dead');
    await node.until('probed', (status) => web(status)?.restartCount === 1 && isReady(status));
    const events = await node.events('probed');
    assert.ok(events.includes('Normal Killing Container web failed liveness probe, will be restarted'));
    assert.ok(events.includes('Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404'));
  });

  test('[NOD175] hooks run, and a container ends within its grace period', async () => {
    const script = 'trap "echo stopped >> /work/log; exit 0" TERM; while :; do sleep 0.1; done';
    const lifecycle = {
      postStart: { exec: { command: ['sh', '-c', 'echo started >> /work/log'] } },
      preStop: { exec: { command: ['sh', '-c', 'echo stopping >> /work/log; cp /work/log /last/log'] } },
    };
    const mounts = [
      { name: 'work', mountPath: '/work' },
      { name: 'last', mountPath: '/last' },
    ];
    const volumes = [
      { name: 'work', emptyDir: {} },
      { name: 'last', hostPath: { path: `${node.logsDir}/last`, type: 'DirectoryOrCreate' } },
    ];
    await node.createPod('hooked', { volumes, containers: [aShell(script, { lifecycle, volumeMounts: mounts })] });
    await node.createPod('reader', { volumes, containers: [aShell(STAY, { volumeMounts: mounts })] });
    await node.until('reader', isRunning);
    await node.until('hooked', isRunning);
    await node.delete('hooked');
    await node.untilGone('hooked');
    assert.equal(await node.shell('reader', 'cat /last/log'), 'started\nstopping\n');
  });

  test('[NOD176] an image that nobody has is told as such', async () => {
    await node.createPod('imageless', { containers: [aShell(STAY, { image: 'localhost:1/none:1' })] });
    const status = await node.until('imageless', (each) => web(each)?.state?.waiting?.reason === 'ImagePullBackOff');
    assert.match(
      web(status)?.state?.waiting?.message ?? '',
      /^Back-off pulling image "localhost:1\/none:1": ErrImagePull: /,
    );
  });

  test('[NOD177] pods that are deleted leave nothing on the machine', async () => {
    const { items } = await node.pods();
    for (const { metadata } of items) await node.delete(metadata.name);
    for (const { metadata } of items) await node.untilGone(metadata.name);
    await node.untilEmpty(['.secrets', 'last']);
  });
});
