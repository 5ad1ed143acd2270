/** Server-side apply as people use it: real kubectl of three versions against an API server without nodes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubeconfigYaml } from '#apiserver/pki/kubeconfig';
import { CLIENT_MINORS, type ClientMinor, kubectlPath } from '../../tools/kubectl.ts';
import { anApiServer, type TestApiServer } from '../builders/api-server.ts';

type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

const aDeployment = (name: string, spec: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: web}}
spec:
  ${spec}
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
      home = await mkdtemp(join(tmpdir(), 'tutti-apply-'));
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
    const apply = (manifest: string, ...args: readonly string[]): Promise<Output> =>
      attempt(['apply', '--server-side', '-f', '-', ...args], manifest);
    const get = async (name: string, path: string): Promise<string> =>
      must(await attempt(['get', 'deploy', name, '--show-managed-fields', '-o', `jsonpath=${path}`]));

    test('[APL40] makes, leaves alone, changes and prunes what is applied', async () => {
      const applied = 'deployment.apps/web serverside-applied';
      assert.equal(must(await apply(aDeployment('web', 'replicas: 2\n  minReadySeconds: 5'))), applied);
      const version = await get('web', '{.metadata.resourceVersion}');
      assert.equal(must(await apply(aDeployment('web', 'replicas: 2\n  minReadySeconds: 5'))), applied);
      assert.equal(await get('web', '{.metadata.resourceVersion}'), version);
      assert.equal(must(await apply(aDeployment('web', 'replicas: 3'))), applied);
      assert.equal(await get('web', '{.spec.replicas} {.spec.minReadySeconds}'), '3');
      const owners = '{range .metadata.managedFields[*]}{.manager} {.operation} {.apiVersion}{"\\n"}{end}';
      assert.equal(await get('web', owners), 'kubectl Apply apps/v1');
      assert.match(
        must(await apply(aDeployment('web', 'replicas: 4'), '--dry-run=server')),
        /serverside-applied \(server dry run\)$/,
      );
    });

    test('[APL40] tells conflicts and takes over when forced', async () => {
      must(await apply(aDeployment('contested', 'replicas: 1')));
      must(await attempt(['scale', 'deploy', 'contested', '--replicas=5']));
      const { code, stderr } = await apply(aDeployment('contested', 'replicas: 2'));
      assert.equal(code, 1);
      assert.match(
        stderr,
        /Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/,
      );
      must(await apply(aDeployment('contested', 'replicas: 2'), '--force-conflicts'));
      assert.equal(await get('contested', '{.spec.replicas}'), '2');
      const other = await apply(aDeployment('contested', 'paused: true'), '--field-manager=other');
      assert.equal(must(other), 'deployment.apps/contested serverside-applied');
      const fields = await get(
        'contested',
        '{.metadata.managedFields[?(@.manager=="other")].fieldsV1.f:spec.f:paused}',
      );
      assert.equal(fields, '{}');
    });

    test('[APL40] says what is wrong with a manifest', async () => {
      const { stderr } = await apply(aDeployment('bad', 'replicass: 2'));
      assert.match(
        stderr,
        /failed to create typed patch object \(default\/bad; apps\/v1, Kind=Deployment\): \.spec\.replicass: field not declared in schema/,
      );
    });

    test('[APL34] patches in other forms are refused with those that are read', async () => {
      const headers = { 'content-type': 'application/apply-patch+cbor' };
      const path = '/api/v1/namespaces/default/configmaps/a?fieldManager=x';
      const { status, text } = await api.ask(path, { method: 'PATCH', headers, body: 'x' });
      assert.equal(status, 415);
      assert.match(text, /accepted media types include: [^"]*application\/apply-patch\+yaml"/);
    });

    test('[APL41] shows the difference an apply would make', async () => {
      must(await apply(aDeployment('compared', 'replicas: 2')));
      const same = await attempt(['diff', '--server-side', '-f', '-'], aDeployment('compared', 'replicas: 2'));
      assert.deepEqual(same, { code: 0, stdout: '', stderr: '' });
      const { code, stdout } = await attempt(
        ['diff', '--server-side', '-f', '-'],
        aDeployment('compared', 'replicas: 3'),
      );
      assert.equal(code, 1);
      assert.match(stdout, /^- {2}replicas: 2\n\+ {2}replicas: 3$/m);
    });

    test('[APL42] moves what the client applied to server-side apply', async () => {
      must(await attempt(['apply', '-f', '-'], aDeployment('moved', 'replicas: 2\n  minReadySeconds: 5')));
      must(await apply(aDeployment('moved', 'replicas: 3')));
      assert.equal(await get('moved', '{.spec.replicas} {.spec.minReadySeconds}'), '3');
      const owners = '{range .metadata.managedFields[*]}{.manager} {.operation}{"\\n"}{end}';
      assert.equal(await get('moved', owners), 'kubectl Apply\nkubectl-last-applied Apply');
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
