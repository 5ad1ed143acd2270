import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigMap } from '#api/core/config-map';
import type { Secret } from '#api/core/secret';
import type { Container, Pod, Volume } from '#api/types/core-v1';
import { aBoundPod } from '#test/builders/pod-on-node';
import { aMeta } from '#test/builders/workloads';
import type { ReferencedObjects } from '../pods/agent-context.ts';
import { writeAtomically } from './atomic-directory.ts';
import { checkHostPath } from './host-path.ts';
import type { Payload } from './payload.ts';
import { podVolumes } from './pod-volumes.ts';
import { resolveSubPath } from './sub-path.ts';

const never = new AbortController().signal;

async function aFolder() {
  const path = await mkdtemp(join(tmpdir(), 'tutti-volumes-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const payload = (files: Record<string, string>, mode = 0o644): Payload =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));

test('[NOD90] files of a volume change all at once', async () => {
  await using folder = await aFolder();
  const directory = join(folder.path, 'v');
  assert.equal(await writeAtomically(directory, payload({ a: '1', 'deep/b': '2' }), { generation: 'one' }), true);
  assert.deepEqual((await readdir(directory)).toSorted(), ['..data', '..one', 'a', 'deep']);
  assert.equal(await readlink(join(directory, '..data')), '..one');
  assert.equal(await writeAtomically(directory, payload({ a: '3', c: '4' }), { generation: 'two' }), true);
  assert.deepEqual((await readdir(directory)).toSorted(), ['..data', '..two', 'a', 'c']);
  assert.deepEqual(
    [await readFile(join(directory, 'a'), 'utf8'), await readFile(join(directory, 'c'), 'utf8')],
    ['3', '4'],
  );
});

test('[NOD90] files that are as they should be are left alone', async () => {
  await using folder = await aFolder();
  await writeAtomically(folder.path, payload({ a: '1', 'deep/b': '2' }), { generation: 'one' });
  assert.equal(await writeAtomically(folder.path, payload({ a: '1', 'deep/b': '2' }), { generation: 'two' }), false);
  assert.equal(
    await writeAtomically(folder.path, payload({ a: '1', 'deep/b': '2' }, 0o600), { generation: 'three' }),
    true,
  );
});

test('[NOD90] what an agent left that died while writing does no harm', async () => {
  await using folder = await aFolder();
  await writeAtomically(folder.path, payload({ a: '1' }), { generation: 'one' });
  await symlink('..half', join(folder.path, '..data_tmp'));
  await mkdir(join(folder.path, '..half'));
  await writeAtomically(folder.path, payload({ a: '2' }), { generation: 'two' });
  assert.deepEqual((await readdir(folder.path)).toSorted(), ['..data', '..two', 'a']);
  assert.equal(await readFile(join(folder.path, 'a'), 'utf8'), '2');
});

type Objects = { configMap?: Record<string, string>; secret?: Record<string, string> };

function objectsOf({ configMap, secret }: Objects): ReferencedObjects {
  const map: ConfigMap | undefined = configMap && {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: aMeta('app'),
    data: configMap,
  };
  const data = Object.fromEntries(
    Object.entries(secret ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  const kept: Secret | undefined = secret && { apiVersion: 'v1', kind: 'Secret', metadata: aMeta('keys'), data };
  return { of: () => ({ configMap: async () => map, secret: async () => kept }), release: () => undefined };
}

async function aNode(objects: Objects = {}) {
  const folder = await aFolder();
  let ids = 0;
  const current = { ...objects };
  const volumes = podVolumes({
    dirs: { podsDir: join(folder.path, 'pods'), logsDir: join(folder.path, 'logs') },
    secretsDir: join(folder.path, 'secrets'),
    objects: { of: (...where) => objectsOf(current).of(...where), release: () => undefined },
    addressesOf: () => ({ podIps: ['198.18.1.5'], hostIps: ['198.18.0.1'] }),
    allocatable: { cpu: '2' },
    claimed: {
      setUp: async () => undefined,
      pathOf: async (_pod, claim) => `/claims/${claim}`,
      release: () => undefined,
    },
    newId: () => `id-${++ids}`,
    tokens: { get: async (_pod, { audience = 'api' }) => `token for ${audience}`, release: () => undefined },
  });
  const mount = async (pod: Pod, name: string, subPath?: string) => {
    const container: Container = {
      name: 'web',
      volumeMounts: [{ name, mountPath: '/m', ...(subPath === undefined ? {} : { subPath }) }],
    };
    return (await volumes.mounts(pod, container, (text) => text))[0];
  };
  return { folder: folder.path, volumes, current, mount, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const aPodWith = (...volumes: readonly Volume[]): Pod =>
  aBoundPod({ spec: { volumes }, meta: { labels: { app: 'web', tier: 'a"b' } } });

test('[NOD91] a ConfigMap is shown as files, all or some, with their modes', async () => {
  await using node = await aNode({ configMap: { one: '1', two: '2' } });
  const items = [{ key: 'two', path: 'sub/2', mode: 0o600 }];
  const pod = aPodWith(
    { name: 'all', configMap: { name: 'app', defaultMode: 0o640 } },
    { name: 'some', configMap: { name: 'app', items } },
  );
  await node.volumes.setUp(pod, never);
  const all = await node.mount(pod, 'all');
  const some = await node.mount(pod, 'some');
  assert.deepEqual([all?.readonly, some?.readonly], [true, true]);
  assert.equal(await readFile(join(all?.hostPath ?? '', 'one'), 'utf8'), '1');
  assert.equal((await stat(join(all?.hostPath ?? '', 'one'))).mode & 0o777, 0o640);
  assert.deepEqual(
    (await readdir(some?.hostPath ?? '')).filter((name) => !name.startsWith('..')),
    ['sub'],
  );
  assert.equal((await stat(join(some?.hostPath ?? '', 'sub/2'))).mode & 0o777, 0o600);
});

test('[NOD92] a volume follows its object', async () => {
  await using node = await aNode({ configMap: { one: '1' } });
  const pod = aPodWith({ name: 'v', configMap: { name: 'app' } });
  await node.volumes.setUp(pod, never);
  node.current.configMap = { one: 'changed' };
  await node.volumes.setUp(pod, never);
  assert.equal(await readFile(join((await node.mount(pod, 'v'))?.hostPath ?? '', 'one'), 'utf8'), 'changed');
});

test('[NOD93] a missing object or key keeps the volume from being made, unless it is optional', async () => {
  await using node = await aNode();
  const failure = (source: object): Promise<string> =>
    node.volumes.setUp(aPodWith({ name: 'v', ...source }), never).then(
      () => '',
      (error: Error) => error.message,
    );
  assert.deepEqual(
    [
      await failure({ configMap: { name: 'app' } }),
      await failure({ secret: { secretName: 'keys' } }),
      await failure({ configMap: { name: 'app', optional: true } }),
      await failure({ nfs: { server: 'files', path: '/' } }),
    ],
    ['configmap "app" not found', 'secret "keys" not found', '', 'volumes of type nfs are not supported by this node'],
  );
  node.current.configMap = {};
  assert.equal(
    await failure({ configMap: { name: 'app', items: [{ key: 'k', path: 'p' }] } }),
    'configmap references non-existent config key: k',
  );
});

test('[NOD94] secrets are kept apart from other volumes and go with their pod', async () => {
  await using node = await aNode({ secret: { password: 'hush' } });
  const pod = aPodWith({ name: 's', secret: { secretName: 'keys', defaultMode: 0o400 } });
  await node.volumes.setUp(pod, never);
  const path = (await node.mount(pod, 's'))?.hostPath ?? '';
  assert.ok(path.startsWith(join(node.folder, 'secrets')));
  assert.equal(await readFile(join(path, 'password'), 'utf8'), 'hush');
  await node.volumes.tearDown(pod);
  assert.deepEqual(await readdir(join(node.folder, 'secrets')), []);
});

test('[NOD95] a token of the service account is a file, kept where secrets are and closed to others where a group owns it', async () => {
  await using node = await aNode();
  const sources = [
    { serviceAccountToken: { path: 'token' } },
    { serviceAccountToken: { path: 'b', audience: 'bank' } },
  ];
  const pod = aPodWith({ name: 't', projected: { sources } });
  await node.volumes.setUp(pod, never);
  const mount = await node.mount(pod, 't');
  const path = mount?.hostPath ?? '';
  assert.ok(path.startsWith(join(node.folder, 'secrets')));
  const read = (name: string): Promise<string> => readFile(join(path, name), 'utf8');
  assert.deepEqual([await read('token'), await read('b'), mount?.readonly], ['token for api', 'token for bank', true]);
  assert.equal((await stat(join(path, 'token'))).mode & 0o777, 0o644);
  const fsGroup = process.getgid?.() ?? 0;
  const grouped = { ...pod, spec: { ...pod.spec, securityContext: { fsGroup } } };
  await node.volumes.tearDown(pod);
  await node.volumes.setUp(grouped, never);
  assert.equal((await stat(join(path, 'token'))).mode & 0o777, 0o640);
});

test('[NOD96] an empty directory is there for everybody and keeps its content', async () => {
  await using node = await aNode();
  const pod = aPodWith({ name: 'e', emptyDir: {} });
  await node.volumes.setUp(pod, never);
  const { hostPath = '', readonly } = (await node.mount(pod, 'e')) ?? {};
  assert.deepEqual([(await stat(hostPath)).mode & 0o777, readonly], [0o777, false]);
  await writeFile(join(hostPath, 'x'), 'y');
  await node.volumes.setUp(pod, never);
  assert.equal(await readFile(join(hostPath, 'x'), 'utf8'), 'y');
});

test('[NOD97] a host path must be what the pod says it is', async () => {
  await using folder = await aFolder();
  const file = join(folder.path, 'file');
  await checkHostPath({ path: file, type: 'FileOrCreate' });
  await checkHostPath({ path: join(folder.path, 'made'), type: 'DirectoryOrCreate' });
  await checkHostPath({ path: file, type: 'File' });
  await checkHostPath({ path: join(folder.path, 'nothing') });
  await assert.rejects(checkHostPath({ path: file, type: 'Directory' }), {
    message: `hostPath type check failed: ${file} is not a directory`,
  });
  await assert.rejects(checkHostPath({ path: join(folder.path, 'no'), type: 'File' }), /is not a file/);
  assert.equal((await stat(join(folder.path, 'made'))).isDirectory(), true);
});

test('[NOD98] a part of a volume never leads out of it', async () => {
  await using folder = await aFolder();
  const volume = join(folder.path, 'v');
  await mkdir(join(volume, 'in'), { recursive: true });
  await symlink('/etc', join(volume, 'out'));
  await symlink('in', join(volume, 'link'));
  assert.equal(await resolveSubPath(volume, 'in'), join(volume, 'in'));
  assert.equal(await resolveSubPath(volume, 'link/new'), join(volume, 'in/new'));
  await chmod(volume, 0o2777);
  assert.equal((await stat(await resolveSubPath(volume, 'made/below'))).mode & 0o7777, 0o2777);
  await assert.rejects(resolveSubPath(volume, '../x'), /not within volume path/);
  await assert.rejects(resolveSubPath(volume, 'out/passwd'), /not within volume path/);
});

test('[NOD98] a file of a ConfigMap can be mounted by itself', async () => {
  await using node = await aNode({ configMap: { 'nginx.conf': 'x' } });
  const pod = aPodWith({ name: 'v', configMap: { name: 'app' } });
  await node.volumes.setUp(pod, never);
  assert.equal(await readFile((await node.mount(pod, 'v', 'nginx.conf'))?.hostPath ?? '', 'utf8'), 'x');
});

test('[NOD98] a path made of variables has a value for each, is not absolute and does not lead upwards', async () => {
  await using node = await aNode({ configMap: {} });
  const pod = aPodWith({ name: 'v', emptyDir: {} });
  const mount = (subPathExpr: string, value: string) => {
    const container = { name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v', subPathExpr }] };
    return node.volumes.mounts(pod, container, (text) => text.replaceAll('$(PART)', value));
  };
  await node.volumes.setUp(pod, never);
  assert.match((await mount('a/$(PART)', 'b'))[0]?.hostPath ?? '', /\/v\/a\/b$/);
  await assert.rejects(mount('$(PART)', '/tmp'), { message: 'error SubPath `/tmp` must not be an absolute path' });
  await assert.rejects(mount('$(PART)', '..'), { message: "unable to provision SubPath `..`: must not contain '..'" });
  await assert.rejects(mount('$(OTHER)', 'b'), {
    message: 'missing value for "OTHER"',
    reason: 'CreateContainerConfigError',
  });
});

test('[NOD99] a volume that cannot be made is told by its name', async () => {
  await using node = await aNode({ configMap: {} });
  const pod = aPodWith({ name: 'fine', emptyDir: {} }, { name: 'broken', secret: { secretName: 'keys' } });
  await assert.rejects(node.volumes.setUp(pod, never), { name: 'VolumeError', volume: 'broken' });
});
