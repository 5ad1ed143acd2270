/** Tests of taking files from a tree, on trees made for each test. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { collectFiles, mergedPath } from './collect-files.ts';
import { decodeElfNeeds } from './elf.ts';
import { ImageBuildError } from './errors.ts';

// Dynamic on every Linux with glibc, and small.
const PROGRAM = '/bin/cat';

test('[IMG21] a link brings what it leads to, a directory all it holds', async () => {
  await using tree = await aTree();
  await tree.put('/etc/app/conf', 'a');
  await tree.put('/etc/app/parts/one', 'b');
  await tree.put('/opt/real', 'c');
  await tree.link('/etc/app/parts/two', '../../../opt/real');
  await tree.link('/opt/near', 'real');
  const found = await collectFiles(tree.root, ['/etc/app', '/opt/near']);
  assert.deepEqual([...found.keys()].toSorted(), [
    '/etc/app',
    '/etc/app/conf',
    '/etc/app/parts',
    '/etc/app/parts/one',
    '/etc/app/parts/two',
    '/opt/near',
    '/opt/real',
  ]);
  assert.deepEqual(found.get('/etc/app/parts/two'), {
    type: 'symlink',
    name: 'etc/app/parts/two',
    target: '/opt/real',
  });
  assert.deepEqual(found.get('/opt/near'), { type: 'symlink', name: 'opt/near', target: 'real' });
});

test('[IMG21] [IMG22] a program brings its libraries and loader from wherever packages put them', async () => {
  await using tree = await aTree();
  await mkdir(join(tree.root, 'bin'));
  await copyFile(PROGRAM, join(tree.root, 'bin/cat'));
  const needs = decodeElfNeeds(await readFile(PROGRAM));
  assert.ok(needs?.interpreter !== undefined);
  const home = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const [first, ...others] = needs.libraries;
  await tree.put(`/lib/${home}/${first}.0`, 'the library');
  await tree.link(`/lib/${home}/${first}`, `${first}.0`);
  for (const library of others) await tree.put(`/usr/lib/${home}/${library}`, library);
  await tree.put(needs.interpreter, 'the loader');
  const found = await collectFiles(tree.root, ['/usr/bin/cat']);
  const expected = [
    '/usr/bin/cat',
    mergedPath(needs.interpreter),
    `/usr/lib/${home}/${first}.0`,
    ...needs.libraries.map((library) => `/usr/lib/${home}/${library}`),
  ];
  assert.deepEqual([...found.keys()].toSorted(), [...new Set(expected)].toSorted());
});

test('[IMG21] a library that is nowhere is an error that names it', async () => {
  await using tree = await aTree();
  await mkdir(join(tree.root, 'bin'));
  await copyFile(PROGRAM, join(tree.root, 'bin/cat'));
  await assert.rejects(collectFiles(tree.root, ['/bin/cat']), (error: unknown) => {
    assert.ok(error instanceof ImageBuildError);
    assert.match(error.message, /^Cannot find the shared library ".+\.so\.\d+" in /);
    return true;
  });
});

test('[IMG21] a path that is not there is an error that names it', async () => {
  await using tree = await aTree();
  await assert.rejects(collectFiles(tree.root, ['/bin/absent']), {
    reason: 'File',
    message: `Cannot take "/usr/bin/absent" from ${tree.root}: no such file`,
  });
});

type Tree = AsyncDisposable & {
  readonly root: string;
  put(path: string, content: string): Promise<void>;
  link(path: string, target: string): Promise<void>;
};

async function aTree(): Promise<Tree> {
  const root = await mkdtemp(join(tmpdir(), 'tutti-tree-'));
  const place = async (path: string): Promise<string> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  return {
    root,
    put: async (path, content) => writeFile(await place(path), content),
    link: async (path, target) => symlink(target, await place(path)),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
