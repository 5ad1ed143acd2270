/** What Kubernetes' conformance tests do with kubectl, on an API server without nodes. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { kubeconfigYaml } from '#apiserver/pki/kubeconfig';
import { CLIENT_MINORS, kubectlPath } from '../../tools/kubectl.ts';
import { anApiServer, type TestApiServer } from '../builders/api-server.ts';

// The oldest and the newest: what is between them, other suites try.
const MINORS = CLIENT_MINORS.filter((_, index) => index === 0 || index === CLIENT_MINORS.length - 1);

type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { app: 'web' } } };
const podWith = (image: string): object => ({ ...POD, spec: { containers: [{ name: 'web', image }] } });

const definition = (plural: string, schema: object): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.cli.test` },
  spec: {
    group: 'cli.test',
    scope: 'Namespaced',
    names: { plural, kind: `${plural.charAt(0).toUpperCase()}${plural.slice(1)}` },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
});
const custom = (plural: string, more: object): object => ({
  apiVersion: 'cli.test/v1',
  kind: `${plural.charAt(0).toUpperCase()}${plural.slice(1)}`,
  metadata: { name: 'one' },
  ...more,
});
const PRESERVE = { 'x-kubernetes-preserve-unknown-fields': true };
const BARS = {
  type: 'array',
  description: 'List of Bars and their specs.',
  items: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', description: 'Name of Bar.' },
      age: { type: 'string', description: 'Age of Bar.' },
      bazs: { type: 'array', items: { type: 'string' }, description: 'List of Bazs.' },
    },
  },
};

for (const minor of MINORS) {
  describe(`conformance, kubectl 1.${minor}`, { timeout: 120_000 }, () => {
    let api: TestApiServer;
    let home: string;

    before(async () => {
      home = await mkdtemp(join(tmpdir(), 'tutti-conformance-'));
      api = await anApiServer();
      const server = `https://127.0.0.1:${api.server.address.port}`;
      const kubeconfig = kubeconfigYaml({ server, authority: api.authority.certificate, client: api.admin });
      await writeFile(join(home, 'kubeconfig'), kubeconfig, { mode: 0o600 });
    });

    after(async () => {
      await api[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    });

    const environment = (): NodeJS.ProcessEnv => ({
      HOME: home,
      PATH: process.env['PATH'],
      KUBECONFIG: join(home, 'kubeconfig'),
    });
    const attempt = (args: readonly string[], input = ''): Promise<Output> =>
      new Promise((resolve) => {
        const child = execFile(kubectlPath(minor), [...args], { env: environment() }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, stdout: stdout.trim(), stderr });
        });
        child.stdin?.on('error', () => undefined); // kubectl may refuse before it has read everything
        child.stdin?.end(input);
      });
    const must = ({ code, stdout, stderr }: Output): string => {
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const kubectl = async (...args: readonly string[]): Promise<string> => must(await attempt(args));
    const send = async (verb: string, object: object, ...args: readonly string[]): Promise<string> =>
      must(await attempt([verb, '-f', '-', ...args], JSON.stringify(object)));
    const failing = async (verb: string, object: object): Promise<string> => {
      const { code, stderr } = await attempt([verb, '-f', '-'], JSON.stringify(object));
      assert.notEqual(code, 0);
      return stderr;
    };
    const define = async (plural: string, schema: object): Promise<void> => {
      await send('create', definition(plural, schema));
      await kubectl('wait', '--for=condition=Established', `crd/${plural}.cli.test`, '--timeout=20s');
    };
    /** Creates, applies and deletes one object each way. */
    const roundTrip = async (plural: string, more: object): Promise<void> => {
      for (const verb of ['create', 'apply']) {
        await send(verb, custom(plural, more));
        await kubectl('delete', `${plural}.cli.test`, 'one');
      }
    };

    test('[CFM100] api-versions has v1, cluster-info names the control plane, version tells both sides in full', async () => {
      assert.match(await kubectl('api-versions'), /^v1$/m);
      // eslint-disable-next-line no-control-regex -- the output is coloured
      const info = (await kubectl('cluster-info')).replaceAll(/\u001b\[[\d;]*m/g, '');
      assert.match(
        info,
        new RegExp(`^Kubernetes control plane is running at https://127\\.0\\.0\\.1:${api.server.address.port}$`, 'm'),
      );
      const version = JSON.parse(await kubectl('version', '-o', 'json')) as Record<string, Record<string, string>>;
      for (const side of ['clientVersion', 'serverVersion']) {
        const told = version[side] ?? {};
        for (const field of [
          'major',
          'minor',
          'gitVersion',
          'gitTreeState',
          'buildDate',
          'goVersion',
          'compiler',
          'platform',
        ])
          assert.ok(told[field], `${side} ${field}`);
      }
    });

    test('[CFM101] a label is added, shown as a column and removed', async () => {
      await send('create', podWith('nginx:1'));
      await kubectl('label', 'pods', 'web', 'testing-label=testing-label-value');
      assert.match(
        await kubectl('get', 'pod', 'web', '-L', 'testing-label'),
        /TESTING-LABEL\nweb .*testing-label-value$/,
      );
      await kubectl('label', 'pods', 'web', 'testing-label-');
      assert.doesNotMatch(await kubectl('get', 'pod', 'web', '-L', 'testing-label'), /testing-label-value/);
    });

    test('[CFM102] the image of a pod is replaced in place; a patch on the server that is only tried changes nothing', async () => {
      const image = (): Promise<string> => kubectl('get', 'pod', 'web', '-o', 'jsonpath={.spec.containers[0].image}');
      const patch = JSON.stringify({ spec: { containers: [{ name: 'web', image: 'busybox:1' }] } });
      assert.match(await kubectl('patch', 'pod', 'web', '-p', patch, '--dry-run=server'), /patched/);
      assert.equal(await image(), 'nginx:1');
      const stored = JSON.parse(await kubectl('get', 'pod', 'web', '-o', 'json')) as { spec: { containers: object[] } };
      const [container] = stored.spec.containers;
      const spec = { ...stored.spec, containers: [{ ...container, image: 'busybox:1' }] };
      assert.equal(await send('replace', { ...stored, spec }), 'pod/web replaced');
      assert.equal(await image(), 'busybox:1');
    });

    test('[CFM103] describe tells of pods, controllers, services, nodes and namespaces, with events', async () => {
      const template = {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
      };
      await send('create', {
        apiVersion: 'v1',
        kind: 'ReplicationController',
        metadata: { name: 'web', labels: { app: 'web' } },
        spec: { replicas: 1, selector: { app: 'web' }, template },
      });
      await send('create', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 6379, targetPort: 6379 }] },
      });
      await send('create', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
      await kubectl('create', 'cronjob', 'hourly', '--image=busybox', '--schedule=0 * * * *');
      const uid = await kubectl('get', 'pod', 'web', '-o', 'jsonpath={.metadata.uid}');
      await send('create', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'web.1' },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'default', uid },
        reason: 'Tested',
        message: 'a test event',
        type: 'Normal',
      });
      const tells = async (what: readonly string[], lines: readonly RegExp[]): Promise<void> => {
        const told = await kubectl('describe', ...what);
        for (const line of lines) assert.match(told, line);
      };
      await tells(
        ['pod', 'web'],
        [/^Name: +web$/m, /^Namespace: +default$/m, /Image: +busybox:1$/m, /Tested .* a test event$/m],
      );
      await tells(
        ['rc', 'web'],
        [/^Selector: +app=web$/m, /^Replicas: +\d current \/ 1 desired$/m, /Image: +nginx:1$/m],
      );
      await tells(['service', 'web'], [/^Type: +ClusterIP$/m, /^IPs?: +198\.18\./m, /^Port: +<unset> +6379\/TCP$/m]);
      await tells(
        ['cronjob', 'hourly'],
        [/^Schedule: +0 \* \* \* \*$/m, /^Concurrency Policy: +Allow$/m, /^Suspend: +False$/m, /Image: +busybox$/m],
      );
      await tells(['node', 'node-1'], [/^Name: +node-1$/m, /^Unschedulable: +false$/m, /^Non-terminated Pods:/m]);
      await tells(['namespace', 'default'], [/^Name: +default$/m, /^Status: +Active$/m]);
    });

    test('[CFM104] proxy serves the API at a Unix socket and at a port of its choice', async () => {
      const socket = join(home, 'proxy.sock');
      for (const args of [[`--unix-socket=${socket}`], ['--port=0', '--disable-filter']]) {
        const proxy = spawn(kubectlPath(minor), ['proxy', ...args], {
          env: environment(),
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        try {
          const said = await firstLine(proxy);
          const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
          const answer = await fetchText(port === undefined ? { socketPath: socket } : { host: '127.0.0.1', port });
          assert.equal((JSON.parse(answer) as { kind: string }).kind, 'APIVersions');
        } finally {
          proxy.kill();
          await once(proxy, 'exit');
        }
      }
    });

    test('[CFM105] objects of a kind without a schema are made of anything, and explain has nothing to say but the kind', async () => {
      await define('nothing', { type: 'object', ...PRESERVE });
      await roundTrip('nothing', { a: { b: [{ c: 'd' }] } });
      assert.match(await kubectl('explain', 'nothing'), /KIND: +Nothing[^]*DESCRIPTION:\n +(<empty>|)/);
    });

    test('[CFM106] unknown fields that are kept at the root or in a part pass the client, and explain shows what is known', async () => {
      const spec = { type: 'object', description: 'Specification of it', ...PRESERVE };
      await define('rooted', {
        type: 'object',
        description: 'It keeps all',
        ...PRESERVE,
        properties: { spec: { type: 'object', ...PRESERVE } },
      });
      await roundTrip('rooted', { spec: { b: [{ c: 'd' }] }, other: { x: 1 } });
      assert.match(await kubectl('explain', 'rooted'), /KIND: +Rooted/);
      await define('parted', { type: 'object', properties: { spec } });
      await roundTrip('parted', { spec: { b: [{ c: 'd' }] } });
      assert.match(await kubectl('explain', 'parted.spec'), /Specification of it/);
    });

    test('[CFM107] a schema is known to the client: what is required and what is unknown is refused, nested fields are explained', async () => {
      const spec = { type: 'object', description: 'Specification of Foo', properties: { bars: BARS } };
      await define('foos', { type: 'object', description: 'Foo CRD for Testing', properties: { spec } });
      await roundTrip('foos', { spec: { bars: [{ name: 'a', age: '10', bazs: ['x'] }] } });
      for (const verb of ['create', 'apply']) {
        assert.match(
          await failing(verb, custom('foos', { spec: { bars: [{ age: '10' }] } })),
          /spec\.bars\[0\]\.name: Required value|missing required field "name"/,
        );
        assert.match(
          await failing(verb, custom('foos', { spec: { foo: true } })),
          /unknown field "spec\.foo"|unknown field "foo"/,
        );
      }
      assert.match(await kubectl('explain', 'foos'), /Foo CRD for Testing/);
      assert.match(await kubectl('explain', 'foos.metadata'), /metadata/i);
      assert.match(await kubectl('explain', 'foos.spec.bars'), /List of Bars and their specs[^]*age[^]*bazs[^]*name/);
      assert.match(await kubectl('explain', 'foos.spec', '--recursive'), /bars[^]*age[^]*bazs[^]*name/);
      assert.equal((await attempt(['explain', 'foos.spec.bars2'])).code, 1);
    });
  });
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  assert.ok(stdout);
  const [chunk] = (await once(stdout, 'data')) as [Buffer];
  return chunk.toString();
}

async function fetchText(
  where: { readonly socketPath: string } | { readonly host: string; readonly port: string },
): Promise<string> {
  const asking = request({ ...where, path: '/api/', agent: false });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [NodeJS.ReadableStream];
  return await text(answer);
}
