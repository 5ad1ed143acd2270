/** The API server alone, without a node, driven by real kubectl of three versions. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { kubeconfigYaml } from '#apiserver/pki/kubeconfig';
import { CLIENT_MINORS, type ClientMinor, kubectlPath } from '../../tools/kubectl.ts';
import { anApiServer, type TestApiServer } from '../builders/api-server.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/web-app', import.meta.url));

type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "nginx:1.20", ports: [{containerPort: 80}]}
`;

for (const minor of CLIENT_MINORS) {
  describe(`kubectl 1.${minor}`, { timeout: 120_000 }, () => {
    let api: TestApiServer;
    let home: string;

    before(async () => {
      home = await mkdtemp(join(tmpdir(), 'tutti-kubectl-'));
      api = await anApiServer();
      const server = `https://127.0.0.1:${api.server.address.port}`;
      const kubeconfig = kubeconfigYaml({ server, authority: api.authority.certificate, client: api.admin });
      await writeFile(join(home, 'kubeconfig'), kubeconfig, { mode: 0o600 });
    });

    after(async () => {
      await api[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    });

    const attempt = (args: readonly string[], input = ''): Promise<Output> => run(minor, { home, args, input });
    const kubectl = async (...args: readonly string[]): Promise<string> => must(await attempt(args));
    const apply = async (manifest: string, ...args: readonly string[]): Promise<string> =>
      must(await attempt(['apply', '-f', '-', ...args], manifest));
    const failing = async (args: readonly string[], input = ''): Promise<string> => {
      const { code, stderr } = await attempt(args, input);
      assert.notEqual(code, 0, `kubectl ${args.join(' ')} succeeded`);
      return stderr.trim();
    };

    test('[KUB1] finds out version, kinds and who it is', async () => {
      assert.match(await kubectl('version'), /Server Version: v1\.34\.0\+tutti/);
      assert.match(await kubectl('api-resources'), /^deployments +deploy +apps\/v1 +true +Deployment$/m);
      assert.match(await kubectl('api-versions'), /^metrics\.k8s\.io\/v1beta1$/m);
      assert.match(await kubectl('auth', 'whoami'), /kubernetes-admin/);
      assert.equal(await kubectl('auth', 'can-i', 'delete', 'secrets'), 'yes');
      assert.match(await kubectl('explain', 'deployment.spec.replicas'), /FIELD: replicas <integer>/);
    });

    test('[KUB2] creates, shows, labels, patches, replaces and deletes', async () => {
      await kubectl('create', 'configmap', 'settings', '--from-literal=a=1');
      await kubectl('label', 'configmap', 'settings', 'tier=front');
      await kubectl('annotate', 'configmap', 'settings', 'why=test');
      await kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"b":"2"}}');
      await kubectl('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"c":"3"}}');
      await kubectl('patch', 'configmap', 'settings', '--type=json', '-p', '[{"op":"remove","path":"/data/a"}]');
      assert.equal(await kubectl('get', 'cm', 'settings', '-o', 'jsonpath={.data}'), '{"b":"2","c":"3"}');
      assert.match(await kubectl('get', 'cm', '-l', 'tier=front'), /^NAME +DATA +AGE\nsettings +2 +/);
      const manifest = await kubectl('get', 'cm', 'settings', '-o', 'yaml');
      must(await attempt(['replace', '-f', '-'], manifest.replace('b: "2"', 'b: "9"')));
      assert.equal(await kubectl('get', 'cm', 'settings', '-o', 'jsonpath={.data.b}'), '9');
      await kubectl('delete', 'cm', 'settings');
      assert.equal(
        await failing(['get', 'cm', 'settings']),
        'Error from server (NotFound): configmaps "settings" not found',
      );
    });

    test('[KUB3] applies, applies again, shows the difference, and prunes what a manifest drops', async () => {
      assert.equal(await apply(DEPLOYMENT), 'deployment.apps/web created');
      assert.equal(await apply(DEPLOYMENT), 'deployment.apps/web unchanged');
      const changed = DEPLOYMENT.replace('replicas: 2', 'replicas: 3');
      assert.match((await attempt(['diff', '-f', '-'], changed)).stdout, /^-  replicas: 2\n\+  replicas: 3$/m);
      assert.equal(await apply(changed), 'deployment.apps/web configured');
      assert.equal(await kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}'), '3');
      await apply(changed.replace(', ports: [{containerPort: 80}]', ''));
      const ports = 'jsonpath={.spec.template.spec.containers[0].ports}';
      assert.equal(await kubectl('get', 'deploy', 'web', '-o', ports), '');
      assert.match(await apply(changed, '--dry-run=server'), /configured \(server dry run\)$/);
    });

    test('[KUB4] scales, sets images, pauses, resumes, describes and autoscales a deployment', async () => {
      await apply(DEPLOYMENT);
      await kubectl('scale', 'deployment', 'web', '--replicas=4');
      await kubectl('set', 'image', 'deployment/web', 'main=nginx:1.22');
      await kubectl('rollout', 'pause', 'deployment/web');
      const spec = 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image} {.spec.paused}';
      assert.equal(await kubectl('get', 'deploy', 'web', '-o', spec), '4 nginx:1.22 true');
      await kubectl('rollout', 'resume', 'deployment/web');
      await kubectl('rollout', 'restart', 'deployment/web');
      await kubectl('autoscale', 'deployment', 'web', '--min=2', '--max=5', '--cpu-percent=50');
      assert.match(await kubectl('describe', 'deployment', 'web'), /Image: +nginx:1\.22/);
      assert.match(await kubectl('get', 'all'), /^deployment\.apps\/web +0\/4 /m);
    });

    test('[KUB5] applies the example and shows services with their addresses', async () => {
      await kubectl('apply', '-f', EXAMPLE);
      assert.match(
        await kubectl('get', 'service', 'web-service'),
        /LoadBalancer +198\.18\.\d+\.\d+ +<pending> +80:3\d{4}\/TCP/,
      );
      assert.match(await kubectl('get', 'secret', 'app-secrets'), /app-secrets +Opaque +\d+/);
      await kubectl('delete', '-f', EXAMPLE);
    });

    test('[KUB6] makes and deletes pods', async () => {
      await kubectl('run', 'one', '--image=busybox', '--restart=Never', '--', 'sleep', '1');
      assert.match(await kubectl('get', 'pod', 'one', '-o', 'wide'), /one +0\/1 +Pending/);
      await kubectl('delete', 'pod', 'one');
      assert.match(await failing(['logs', 'one']), /pods "one" not found/);
    });

    test('[KUB7] watches', async () => {
      await kubectl('create', 'configmap', 'watched');
      const watching = attempt(['get', 'cm', 'watched', '-w', '--request-timeout=3s', '-o', 'name']);
      const { stdout } = await watching;
      assert.match(stdout, /^configmap\/watched/);
      await kubectl('wait', '--for=jsonpath={.metadata.name}=watched', 'cm/watched', '--timeout=5s');
    });

    test('[KUB8] prints the same errors as upstream', async () => {
      const invalid = DEPLOYMENT.replace('replicas: 2', 'replicas: -1');
      assert.match(
        await failing(['create', '-f', '-'], invalid.replace('name: web,', 'name: bad,')),
        /The Deployment "bad" is invalid: spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
      );
      const unknown = DEPLOYMENT.replace('replicas: 2', 'replicass: 2').replace('name: web,', 'name: bad,');
      assert.match(
        await failing(['create', '-f', '-'], unknown),
        /strict decoding error: unknown field "spec\.replicass"/,
      );
      const wrong = DEPLOYMENT.replace('replicas: 2', 'replicas: many').replace('name: web,', 'name: bad,');
      assert.match(await failing(['create', '-f', '-'], wrong), /json: cannot unmarshal string into Go struct field/);
      assert.match(
        await failing(['get', 'pods', '--as=bob']),
        /pods is forbidden: User "bob" cannot list resource "pods"/,
      );
      assert.match(await failing(['delete', 'ns', 'kube-system']), /this namespace may not be deleted/);
      assert.match(await failing(['create', 'cm', 'x', '-n', 'nowhere']), /namespaces "nowhere" not found/);
      const big = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { a: 'x'.repeat(4 << 20) } };
      const error = await failing(['create', '--validate=false', '-f', '-'], JSON.stringify(big));
      assert.match(error, /Request entity too large: limit is 3145728/);
    });
  });
}

type Run = { readonly home: string; readonly args: readonly string[]; readonly input: string };

function run(minor: ClientMinor, { home, args, input }: Run): Promise<Output> {
  return new Promise((resolve) => {
    const environment = { HOME: home, PATH: process.env['PATH'], KUBECONFIG: join(home, 'kubeconfig') };
    const child = execFile(kubectlPath(minor), [...args], { env: environment }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout: stdout.trim(), stderr });
    });
    child.stdin?.on('error', () => undefined); // kubectl may refuse before it has read everything
    child.stdin?.end(input);
  });
}

function must({ code, stdout, stderr }: Output): string {
  assert.equal(code, 0, stderr);
  return stdout;
}
