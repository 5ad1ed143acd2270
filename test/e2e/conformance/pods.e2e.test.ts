/** Pods that Kubernetes' conformance tests run to their end: files, folders, variables, users and rights. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '#api/types/core-v1';
import { eventually, TestCluster } from '../cluster.ts';
import { CONTAINER_CASES } from './container-cases.ts';
import { DOWNWARD_CASES } from './downward-cases.ts';
import { DATA, FILE_CASES, FILES } from './file-cases.ts';
import { FOLDER_CASES } from './folder-cases.ts';
import { LABEL, podNameOf, podOf, type PodCases } from './pod-case.ts';

const CASES: PodCases = { ...FILE_CASES, ...FOLDER_CASES, ...DOWNWARD_CASES, ...CONTAINER_CASES };
const IMAGES = ['docker.io/library/busybox:latest', 'tutti.local/demo:1'];
const SELECTOR = ['-l', LABEL];
const META = { apiVersion: 'v1', metadata: { name: FILES } };
const base64 = (data: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
// A name that no variable can have is left out.
const VARIABLES = { good: '1', '1-bad': '2' };

describe('conformance: pods', { timeout: 400_000 }, () => {
  let cluster: TestCluster;
  let said: ReadonlyMap<string, string>;
  let phases: ReadonlyMap<string, string>;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    await cluster.kubectl('create', 'namespace', 'other');
    await cluster.apply(
      { ...META, kind: 'ConfigMap', data: DATA },
      { ...META, kind: 'Secret', data: base64(DATA) },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: FILES, namespace: 'other' },
        data: base64({ 'data-1': 'else' }),
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'binary' },
        data: { text: 'some text' },
        binaryData: { 'dump.bin': Buffer.from([0xde, 0xca, 0xfe, 0x00, 0xff]).toString('base64') },
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'variables' }, data: VARIABLES },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'variables' }, data: base64(VARIABLES) },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'for-variables' },
        spec: { selector: { app: 'none' }, ports: [{ port: 8765, targetPort: 8080 }] },
      },
    );
    // All at once: each takes a moment, and they do not mind each other.
    await cluster.apply(...Object.entries(CASES).map(([name, one]) => podOf(name, one)));
    phases = await eventually(ended, 'the end of all pods', 240_000).catch(() => phasesNow());
    said = linesByPod(
      await cluster.kubectl(
        'logs',
        ...SELECTOR,
        '--prefix',
        '--tail=-1',
        '-c',
        'main',
        '--max-log-requests=500',
        '--ignore-errors',
      ),
    );
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const phasesNow = async (): Promise<ReadonlyMap<string, string>> => {
    const { items } = await cluster.json<{ readonly items: readonly Pod[] }>('get', 'pods', ...SELECTOR);
    return new Map(items.map(({ metadata, status }) => [metadata.name, status?.phase ?? '']));
  };
  const ended = async (): Promise<ReadonlyMap<string, string> | false> => {
    const now = await phasesNow();
    return [...now.values()].every((phase) => phase === 'Succeeded' || phase === 'Failed') && now;
  };

  for (const [name, { says }] of Object.entries(CASES)) {
    test(`[CFM130] ${name.replaceAll('-', ' ')}`, () => {
      const pod = podNameOf(name);
      const text = said.get(pod) ?? '';
      if (typeof says === 'string') assert.equal(text, says);
      else assert.match(text, says);
      assert.equal(phases.get(pod), 'Succeeded');
    });
  }
});

/** `[pod/NAME/main] line`, sorted out. */
function linesByPod(log: string): ReadonlyMap<string, string> {
  const lines = [...log.matchAll(/^\[pod\/([^/]+)\/main\] ?(.*)$/gm)];
  const grouped = Map.groupBy(lines, ([, name = '']) => name);
  return new Map(
    [...grouped].map(([name, members]) => [
      name,
      members
        .map(([, , line = '']) => line.trim())
        .join('\n')
        .trimEnd(),
    ]),
  );
}
