/** Kinds that users define, on an API server without nodes, driven by real kubectl of three versions. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubeconfigYaml } from '#apiserver/pki/kubeconfig';
import { CLIENT_MINORS, type ClientMinor, kubectlPath } from '../../tools/kubectl.ts';
import { anApiServer, type TestApiServer } from '../builders/api-server.ts';

const CRON_TABS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    selectableFields: [{jsonPath: .spec.image}]
    subresources:
      status: {}
      scale:
        specReplicasPath: .spec.replicas
        statusReplicasPath: .status.replicas
        labelSelectorPath: .status.labelSelector
    additionalPrinterColumns:
    - {name: Spec, type: string, jsonPath: .spec.cronSpec, description: When it runs}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: Runs things again and again.
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec:
                type: string
                description: When to run, as cron has it.
                pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'
              image: {type: string}
              replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
              ports:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name]
                  properties: {name: {type: string}, port: {type: integer}}
          status:
            type: object
            properties: {replicas: {type: integer}, labelSelector: {type: string}}
`;

const ONE = `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: one}
spec: {cronSpec: "* * * * */5", image: awesome}
`;

type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

for (const minor of CLIENT_MINORS) {
  describe(`custom kinds, kubectl 1.${minor}`, { timeout: 120_000 }, () => {
    let api: TestApiServer;
    let home: string;

    before(async () => {
      home = await mkdtemp(join(tmpdir(), 'tutti-crd-'));
      api = await anApiServer();
      const server = `https://127.0.0.1:${api.server.address.port}`;
      const kubeconfig = kubeconfigYaml({ server, authority: api.authority.certificate, client: api.admin });
      await writeFile(join(home, 'kubeconfig'), kubeconfig, { mode: 0o600 });
      await apply(CRON_TABS);
      await kubectl('wait', '--for=condition=Established', 'crd/crontabs.stable.example.com', '--timeout=10s');
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

    test('[EXT40] a definition is shown, discovered and explained', async () => {
      assert.match(await kubectl('get', 'crd'), /^NAME +CREATED AT\ncrontabs\.stable\.example\.com +20\d\d-/);
      assert.match(
        await kubectl('api-resources', '--api-group=stable.example.com'),
        /^crontabs +ct +stable\.example\.com\/v1 +true +CronTab$/m,
      );
      assert.match(await kubectl('explain', 'crontab.spec.cronSpec'), /When to run, as cron has it\./);
      assert.match(await kubectl('explain', 'ct', '--recursive'), /cronSpec\s+<string>/);
    });

    test('[EXT41] objects are applied, defaulted, patched, shown and deleted', async () => {
      assert.equal(await apply(ONE), 'crontab.stable.example.com/one created');
      assert.equal(await apply(ONE), 'crontab.stable.example.com/one unchanged');
      assert.match(await kubectl('get', 'ct'), /^NAME +SPEC +REPLICAS +AGE\none +\* \* \* \* \*\/5 +1 +\d+s$/);
      assert.match(await kubectl('get', 'all'), /crontab\.stable\.example\.com\/one/);
      assert.equal(await apply(ONE.replace('awesome', 'better')), 'crontab.stable.example.com/one configured');
      assert.match(await kubectl('get', 'ct', '--field-selector', 'spec.image=better', '-o', 'name'), /crontab/);
      assert.equal(await kubectl('get', 'ct', '--field-selector', 'spec.image=awesome', '-o', 'name'), '');
      await kubectl('patch', 'ct', 'one', '--type=merge', '-p', '{"spec":{"image":"best"}}');
      await kubectl('patch', 'ct', 'one', '--type=json', '-p', '[{"op":"add","path":"/spec/replicas","value":2}]');
      assert.match(
        await failing(['patch', 'ct', 'one', '--type=strategic', '-p', '{"spec":{}}']),
        /the body of the request was in an unknown format|strategic merge patch is not supported/i,
      );
      await kubectl('scale', 'ct/one', '--replicas=3');
      assert.equal(await kubectl('get', 'ct', 'one', '-o', 'jsonpath={.spec.replicas} {.spec.image}'), '3 best');
      await kubectl('label', 'ct', 'one', 'tier=front');
      await kubectl('delete', 'ct', '-l', 'tier=front');
      assert.match(await failing(['get', 'ct', 'one']), /crontabs\.stable\.example\.com "one" not found/);
    });

    test('[EXT42] what does not fit the schema is refused in upstream words', async () => {
      assert.match(
        await failing(['create', '-f', '-'], ONE.replace('image:', 'imagine:')),
        /strict decoding error: unknown field "spec\.imagine"/,
      );
      assert.match(
        await failing(['create', '-f', '-'], ONE.replace('"* * * * */5"', 'never')),
        /The CronTab "one" is invalid: spec\.cronSpec: Invalid value: "never": spec\.cronSpec in body should match '\^/,
      );
      assert.match(
        await failing(['create', '-f', '-'], ONE.replace('image: awesome', 'replicas: 11')),
        /spec\.replicas: Invalid value: 11: spec\.replicas in body should be less than or equal to 10/,
      );
      const { stdout, stderr } = await attempt(
        ['create', '--validate=warn', '-f', '-'],
        ONE.replace('image:', 'imagine:').replace('one', 'warned'),
      );
      assert.match(stdout, /crontab\.stable\.example\.com\/warned created/);
      assert.match(stderr, /Warning: unknown field "spec\.imagine"/);
      assert.match(
        await failing(['apply', '-f', '-'], CRON_TABS.replace('type: array', 'type: list')),
        /Unsupported value: "list": supported values: "array", "boolean", "integer", "number", "object", "string"/,
      );
    });

    test('[EXT44] objects are applied on the server, and conflicts are told', async () => {
      const two = ONE.replace('name: one', 'name: two');
      const served = ['--server-side', '--field-manager=first'];
      assert.equal(await apply(two, ...served), 'crontab.stable.example.com/two serverside-applied');
      const other = two.replace('awesome', 'other');
      assert.match(
        await failing(['apply', '-f', '-', '--server-side', '--field-manager=second'], other),
        /conflict with "first".*: \.spec\.image/,
      );
      await apply(other, '--server-side', '--field-manager=second', '--force-conflicts');
      assert.equal(await kubectl('get', 'ct', 'two', '-o', 'jsonpath={.spec.image}'), 'other');
    });

    test('[EXT45] custom objects have no protobuf form', async () => {
      const path = '/apis/stable.example.com/v1/namespaces/default/crontabs';
      const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
      const { status, text } = await api.ask(path, { method: 'POST', headers, body: 'k8s' });
      assert.equal(status, 415);
      assert.match(text, /accepted media types include: application\/json, application\/yaml"/);
    });

    test('[EXT43] a definition that changes is published again, and takes its objects along when it goes', async () => {
      await apply(
        CRON_TABS.replace('image: {type: string}', 'image: {type: string}\n              suspend: {type: boolean}'),
      );
      assert.match(await kubectl('explain', 'crontab.spec.suspend'), /suspend <boolean>/);
      await apply(ONE.replace('image: awesome', 'suspend: true'));
      await kubectl('delete', 'crd', 'crontabs.stable.example.com', '--timeout=20s');
      assert.match(
        await failing(['get', 'crontabs']),
        /the server doesn't have a resource type "crontabs"|the server could not find the requested resource/,
      );
      await apply(CRON_TABS);
      await kubectl('wait', '--for=condition=Established', 'crd/crontabs.stable.example.com', '--timeout=10s');
      assert.equal(await kubectl('get', 'ct', '-o', 'name'), '');
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
