/** Random changes of a cluster, one after the other. */
import fc from 'fast-check';
import type { Node, Pod, Taint } from '#api/types/core-v1';
import { HOSTNAME, IMAGES, maybe, NAMESPACES, NODE_NAMES, podLabels, podOfWorkload, ZONE } from './arbitrary-pods.ts';
import type { SelectorSource } from './cluster.ts';

type Labels = Readonly<Record<string, string>>;

/** Numbers choose among the pods that there are. */
export type Edit =
  | { readonly type: 'node'; readonly node: Node }
  | { readonly type: 'node removed'; readonly name: string }
  | { readonly type: 'pod'; readonly pod: Pod; readonly node: string }
  | { readonly type: 'pod removed'; readonly which: number }
  | { readonly type: 'pod relabelled'; readonly which: number; readonly labels: Labels }
  | { readonly type: 'pod about to go'; readonly which: number }
  | { readonly type: 'pod ended'; readonly which: number }
  | { readonly type: 'namespace'; readonly name: string; readonly labels: Labels }
  | { readonly type: 'source'; readonly source: SelectorSource }
  | { readonly type: 'source removed'; readonly which: number }
  /** One of the incoming pods is tried, and put on the node it is given. */
  | { readonly type: 'placed'; readonly which: number };

const labelled = (pairs: readonly (readonly [string, string | undefined])[]): Labels =>
  Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));

const TAINTS: readonly Taint[] = [
  { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
  { key: 'gpu', value: 'yes', effect: 'NoExecute' },
  { key: 'slow', effect: 'PreferNoSchedule' },
  { key: 'slower', value: 'very', effect: 'PreferNoSchedule' },
];

export const node: fc.Arbitrary<Node> = fc
  .record({
    name: fc.constantFrom(...NODE_NAMES),
    hostname: fc.integer({ min: 0, max: 9 }),
    zone: maybe(fc.constantFrom('a', 'b', 'c'), 80),
    rack: maybe(fc.constantFrom('r1', 'r2'), 50),
    disk: maybe(fc.constantFrom('ssd', 'hdd'), 50),
    cores: maybe(fc.constantFrom('2', '4', '8', 'many'), 50),
    cpu: fc.constantFrom('2', '4', '8'),
    memory: fc.constantFrom('4Gi', '8Gi', '3000000000'),
    pods: fc.constantFrom('3', '110', '110'),
    gpu: maybe(fc.constantFrom('1', '4'), 25),
    taints: fc.subarray([...TAINTS], { maxLength: 2 }),
    hasTaints: fc.integer({ min: 0, max: 3 }),
    cordoned: fc.integer({ min: 0, max: 6 }),
    images: fc.subarray(Object.keys(IMAGES)),
  })
  .map(({ name, ...all }): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: labelled([
        [HOSTNAME, all.hostname === 0 ? undefined : name],
        [ZONE, all.zone],
        ['rack', all.rack],
        ['disk', all.disk],
        ['cores', all.cores],
      ]),
    },
    spec: {
      ...(all.hasTaints === 0 && all.taints.length > 0 ? { taints: all.taints } : {}),
      ...(all.cordoned === 0 ? { unschedulable: true } : {}),
    },
    status: {
      allocatable: labelled([
        ['cpu', all.cpu],
        ['memory', all.memory],
        ['pods', all.pods],
        ['ephemeral-storage', '10Gi'],
        ['example.com/gpu', all.gpu],
      ]),
      images: all.images.map((image) => ({ names: [image, `${image}@sha256:0`], sizeBytes: IMAGES[image]! })),
    },
  }));

const source: fc.Arbitrary<SelectorSource> = fc
  .tuple(
    fc.constantFrom('Service', 'ReplicaSet', 'StatefulSet', 'ReplicationController' as const),
    fc.constantFrom(...NAMESPACES),
    fc.constantFrom('web', 'other'),
    fc.constantFrom({ app: 'web' }, { app: 'db', tier: 'front' }, { tier: 'front' }),
  )
  .map(([kind, namespace, name, pairs]): SelectorSource => {
    if (kind === 'Service' || kind === 'ReplicationController')
      return { kind, namespace, name, selector: labelled(Object.entries(pairs)) };
    return { kind: kind as 'ReplicaSet', namespace, name, selector: { matchLabels: labelled(Object.entries(pairs)) } };
  });

const which = fc.nat({ max: 1000 });

export const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('node' as const), node }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('node removed' as const), name: fc.constantFrom(...NODE_NAMES) }),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(podOfWorkload, fc.constantFrom(...NODE_NAMES))
      .map(([{ pod }, name]) => ({ type: 'pod' as const, pod, node: name })),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pod removed' as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pod relabelled' as const), which, labels: podLabels }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pod about to go' as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pod ended' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('namespace' as const),
      name: fc.constantFrom(...NAMESPACES),
      labels: fc.constantFrom<Labels>({}, { team: 'a' }, { team: 'b' }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('source' as const), source }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('source removed' as const), which }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('placed' as const), which }) },
);
