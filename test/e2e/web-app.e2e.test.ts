/** The main job on real containers: apply a web app, reach it, break it, watch it heal, update it under load. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import type { Deployment } from '#api/types/apps-v1';
import type { Node, Pod, Service } from '#api/types/core-v1';
import { eventually, runOn, TestCluster } from './cluster.ts';
import { answeringPods, curl } from './http.ts';

const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/nginx:1.22', 'docker.io/library/busybox:latest'];
const WEB = ['-l', 'app=web-app'];

type List<T> = { readonly items: readonly T[] };

describe('the web app', { timeout: 600_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    await cluster.kubectl('apply', '-f', 'examples/web-app/');
    await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=60s');
    await cluster.kubectl(
      'run',
      'probe',
      '--image=busybox:1.36',
      '--restart=Never',
      '--command',
      '--',
      'sleep',
      '3600',
    );
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/probe', '--timeout=60s');
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const fromPod = (...command: readonly string[]) => cluster.kubectl('exec', 'probe', '--', ...command);
  const service = () => cluster.json<Service>('get', 'service', 'web-service');
  const readyPods = async (): Promise<readonly Pod[]> => {
    const { items } = await cluster.json<List<Pod>>('get', 'pods', ...WEB);
    return items.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
  };
  const loadBalancer = async (): Promise<string> => {
    const address = (await service()).status?.loadBalancer?.ingress?.[0]?.ip;
    assert.ok(address);
    return `http://${address}/`;
  };

  test('[E2E1] three pods run and are ready under addresses of their own', async () => {
    const pods = await readyPods();
    assert.equal(pods.length, 3);
    assert.equal(new Set(pods.map((pod) => pod.status?.podIP)).size, 3);
  });

  test('[E2E1] every way to the service answers, and all three pods do', async () => {
    const { spec } = await service();
    const { client, node } = cluster.hosts;
    const nodePort = spec.ports?.[0]?.nodePort;
    assert.match(await curl(client, await loadBalancer()), /web-app|nginx/i);
    assert.match(await curl(client, `http://${node.address}:${nodePort}/`), /nginx/i);
    assert.match(await curl(node, `http://${spec.clusterIP}/`), /nginx/i);
    assert.match(await fromPod('wget', '-qO-', `http://${spec.clusterIP}/`), /nginx/i);
    assert.match(await fromPod('wget', '-qO-', 'http://web-service/'), /nginx/i);
    assert.match(await fromPod('wget', '-qO-', 'http://web-service.default.svc.cluster.local/'), /nginx/i);
    const answers = await answeringPods(client, await loadBalancer(), 60);
    assert.deepEqual([...answers.keys()].toSorted(), (await readyPods()).map((pod) => pod.metadata.name).toSorted());
  });

  test('[E2E2] kubectl prints what it prints on Kubernetes', async () => {
    const all = await cluster.kubectl('get', 'all', '-o', 'wide');
    // The last column is the one that Kubernetes does not have.
    assert.match(all, /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES +WHY$/m);
    assert.match(all, /^pod\/web-app-\S+ +1\/1 +Running +0 +\S+ +198\.18\.\S+ +\S+ +<none> +<none> *$/m);
    assert.match(all, /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE +SELECTOR$/m);
    assert.match(
      all,
      /^service\/web-service +LoadBalancer +198\.19\.\S+ +198\.19\.250\.1 +80:3\d{4}\/TCP +\S+ +app=web-app$/m,
    );
    assert.match(all, /^deployment\.apps\/web-app +3\/3 +3 +3 +\S+ +web +nginx:1\.20 +app=web-app$/m);
    assert.match(
      all,
      /^horizontalpodautoscaler\.autoscaling\/web-app +Deployment\/web-app +cpu: \S+\/70% +2 +10 +\d+ +\S+$/m,
    );
    const described = await cluster.kubectl('describe', 'pods', ...WEB);
    assert.match(
      described,
      /^ {2}Normal +Scheduled +\S+( \(x\d+ over \S+\))? +default-scheduler +Successfully assigned default\/web-app-\S+ to /m,
    );
    assert.match(described, /^ {2}Normal +Started +\S+ +kubelet +Started container web$/m);
    assert.match(await cluster.kubectl('explain', 'deployment.spec.strategy'), /FIELD: strategy <DeploymentStrategy>/);
    const [version] = await cluster.fields(['nodes'], '{.items[0].status.nodeInfo.kubeletVersion}');
    assert.match(version ?? '', /^v1\.\d+/);
  });

  test('[E2E2] get in every output form agrees', async () => {
    const deployment = await cluster.json<Deployment>('get', 'deployment', 'web-app');
    assert.equal(deployment.status?.readyReplicas, 3);
    assert.match(await cluster.kubectl('get', 'deployment', 'web-app', '-o', 'yaml'), /^ {2}readyReplicas: 3$/m);
    assert.deepEqual(await cluster.fields(['deployment', 'web-app'], '{.status.readyReplicas}'), ['3']);
    for (const minor of [28, 32, 35] as const) {
      assert.match(await cluster.kubectlOf(minor, 'get', 'deployment', 'web-app'), /^web-app +3\/3 +3 +3 +/m);
    }
  });

  test('[E2E2] top shows what containers use', async () => {
    const pods = await eventually(() => cluster.kubectl('top', 'pods', ...WEB), 'metrics');
    assert.match(pods, /^web-app-\S+ +\d+m +\d+Mi *$/m);
    assert.match(await cluster.kubectl('top', 'nodes'), /^\S+ +\d+m +\d+% +\d+Mi +\d+% *$/m);
  });

  test('[E2E2] logs follow, and exec runs with and without a terminal', async () => {
    const [pod = ''] = (await readyPods()).map((each) => each.metadata.name);
    const follower = cluster.spawnKubectl('logs', '-f', '--tail=1', pod);
    let followed = '';
    follower.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      followed += piece;
    });
    const [podIp] = await cluster.fields(['pod', pod], '{.status.podIP}');
    await eventually(async () => {
      await curl(cluster.hosts.node, `http://${podIp}/version`);
      return followed.includes('GET /version');
    }, 'the request in the followed log');
    follower.kill('SIGTERM');
    await once(follower, 'exit');
    assert.match(
      await cluster.kubectl('logs', pod, '--timestamps', '--tail=1', '--since=1m'),
      /^2\d{3}-\S+T\S+Z .*GET/,
    );
    for (const minor of [28, 32, 35] as const) {
      assert.equal((await cluster.kubectlOf(minor, 'exec', pod, '--', 'hostname')).trim(), pod);
    }
    const failed = await cluster.tryKubectl('exec', pod, '--', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    assert.deepEqual([failed.code, failed.stdout], [7, 'out\n']);
    assert.match(failed.stderr, /^err\n/);
    const [program, line] = cluster.kubectlCommand('exec', '-it', 'probe', '--', 'sh');
    const shell = spawn('script', ['-qec', [program, ...line].join(' '), '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const session = text(shell.stdout);
    shell.stdin.write('tty && echo to""gether\n');
    shell.stdin.end('exit\n');
    await once(shell, 'exit');
    assert.match(await session, /\/dev\/pts\/\d+[\s\S]*together/);
  });

  test('[E2E5] configuration and secrets reach the containers, a change of a ConfigMap without a restart', async () => {
    const [pod = ''] = (await readyPods()).map((each) => each.metadata.name);
    const run = (command: string) => cluster.kubectl('exec', pod, '--', 'sh', '-c', command);
    assert.equal(
      await run('echo $LOG_LEVEL $DATABASE_USER $(cat /etc/web-app/secrets/DATABASE_PASSWORD)'),
      'info web-app change-me\n',
    );
    await cluster.kubectl(
      'patch',
      'configmap',
      'app-config',
      '--type=merge',
      '-p',
      '{"data":{"banner.txt":"changed\\n"}}',
    );
    await eventually(
      async () => (await run('cat /usr/share/nginx/html/config/banner.txt')) === 'changed\n',
      'the new banner',
    );
    const changed = (await readyPods()).find((each) => each.metadata.name === pod);
    assert.equal(changed?.status?.containerStatuses?.[0]?.restartCount, 0);
  });

  test('[E2E5] secrets stand in no log and in no process arguments', async () => {
    const secret = 'change-me';
    const [log, processes] = await Promise.all([
      readFile(join(cluster.dataDir, 'tutti.log'), 'utf8'),
      runOn(cluster.hosts.node, 'ps', ['-eww', '-o', 'args=']),
    ]);
    assert.match(log, /"msg":"running"/);
    assert.ok(!log.includes(secret));
    assert.match(processes.stdout, /nginx: worker process/);
    assert.ok(!processes.stdout.includes(secret));
  });

  test('[E2E3] a killed process is restarted and a deleted pod replaced', async () => {
    const [victim, other] = await readyPods();
    assert.ok(victim && other);
    await cluster.tryKubectl('exec', victim.metadata.name, '--', 'sh', '-c', 'kill -9 1; kill -QUIT 1');
    await eventually(async () => {
      const [count] = await cluster.fields(
        ['pod', victim.metadata.name],
        '{.status.containerStatuses[0].restartCount}',
      );
      return count === '1';
    }, 'the restart');
    await cluster.kubectl('delete', 'pod', other.metadata.name, '--wait=false');
    await eventually(async () => {
      const names = (await readyPods()).map((pod) => pod.metadata.name);
      return names.length === 3 && !names.includes(other.metadata.name);
    }, 'the replacement');
  });

  test('[E2E3] a pod that fails its readiness probe leaves the service, and comes back', async () => {
    const [pod] = await readyPods();
    assert.ok(pod);
    const serving = () =>
      cluster.fields(
        ['endpointslices', '-l', 'kubernetes.io/service-name=web-service'],
        '{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}',
      );
    const address = pod.status?.podIP ?? '';
    await cluster.kubectl('exec', pod.metadata.name, '--', 'touch', '/run/not-ready');
    await eventually(async () => !(await serving()).includes(address), 'leaving');
    const answers = await answeringPods(cluster.hosts.client, await loadBalancer(), 40);
    assert.ok(!answers.has(pod.metadata.name));
    await cluster.kubectl('exec', pod.metadata.name, '--', 'rm', '/run/not-ready');
    await eventually(async () => (await serving()).includes(address), 'coming back');
  });

  test('[E2E4] an update under load fails no request, and can be undone, paused, resumed and restarted', async () => {
    await cluster.kubectl('delete', 'hpa', 'web-app');
    await cluster.kubectl('scale', 'deployment/web-app', '--replicas=3');
    await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=60s');
    const load = await startLoad();
    await cluster.kubectl('set', 'image', 'deployment/web-app', 'web=nginx:1.22');
    assert.match(
      await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=120s'),
      /successfully rolled out/,
    );
    const result = await load.stop(10_000);
    assert.deepEqual(result.failures, []);
    assert.ok(result.answered >= 10_000, `${result.answered} requests were answered`);
    assert.match(await curl(cluster.hosts.client, `${await loadBalancer()}version`), /1\.22/);
    assert.match(await cluster.kubectl('rollout', 'history', 'deployment/web-app'), /^1 +<none>\n2 +<none>$/m);
    await cluster.kubectl('rollout', 'undo', 'deployment/web-app');
    await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=120s');
    assert.match(await curl(cluster.hosts.client, `${await loadBalancer()}version`), /1\.20/);
    await cluster.kubectl('rollout', 'pause', 'deployment/web-app');
    await cluster.kubectl('set', 'image', 'deployment/web-app', 'web=nginx:1.22');
    assert.match(
      await cluster.kubectl('describe', 'deployment', 'web-app'),
      /^ *Progressing +Unknown +DeploymentPaused$/m,
    );
    await cluster.kubectl('rollout', 'resume', 'deployment/web-app');
    await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=120s');
    const before = (await readyPods()).map((pod) => pod.metadata.name);
    await cluster.kubectl('rollout', 'restart', 'deployment/web-app');
    await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=120s');
    assert.ok((await readyPods()).every((pod) => !before.includes(pod.metadata.name)));
  });

  test('[E2E4] a tag that does not exist stalls the rollout while the old pods serve, and undo heals it', async () => {
    await cluster.kubectl('set', 'image', 'deployment/web-app', 'web=nginx:none');
    await eventually(
      async () => /ImagePullBackOff/.test(await cluster.kubectl('get', 'pods', ...WEB)),
      'ImagePullBackOff',
    );
    assert.ok((await readyPods()).length >= 2);
    assert.match(await curl(cluster.hosts.client, await loadBalancer()), /nginx/i);
    await cluster.kubectl('rollout', 'undo', 'deployment/web-app');
    assert.match(
      await cluster.kubectl('rollout', 'status', 'deployment/web-app', '--timeout=60s'),
      /successfully rolled out/,
    );
  });

  test('[E2E11] the node says what it is', async () => {
    const { items } = await cluster.json<List<Node>>('get', 'nodes');
    const [node] = items;
    assert.equal(items.length, 1);
    assert.match(node?.status?.nodeInfo?.containerRuntimeVersion ?? '', /^containerd:\/\//);
    assert.equal(
      node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
      cluster.hosts.node.address,
    );
  });

  type LoadResult = { readonly answered: number; readonly failures: readonly string[] };

  /** 20 kept-alive connections from the client host to the load-balancer address. */
  async function startLoad(): Promise<{ stop: (atLeast: number) => Promise<LoadResult> }> {
    const program = fileURLToPath(new URL('./keep-alive-load.ts', import.meta.url));
    const [entered, line] = cluster.hosts.client.command(process.execPath, [program, await loadBalancer()]);
    const load = spawn(entered, line, { stdio: ['pipe', 'pipe', 'inherit'] });
    const printed = text(load.stdout);
    return {
      async stop(atLeast) {
        load.stdin.end(`${atLeast}\n`);
        return JSON.parse(await printed) as LoadResult;
      },
    };
  }
});

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}
