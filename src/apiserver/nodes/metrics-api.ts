/** `metrics.k8s.io/v1beta1`: the measured load of nodes and pods as `kubectl top` and autoscalers read it. */
import { notFoundError } from '#api/errors';
import { matchesLabels } from '#api/meta/label-selector';
import { parseSelector } from '#api/meta/label-selector-parser';
import { NodeMetrics, PodMetrics } from '#api/metrics/metrics';
import { formatTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { Store } from '#store/store';
import { objectKey } from '../registry/keys.ts';
import type { VirtualResource } from '../registry/resources.ts';
import type { MetricsSource, NodeUsage, PodUsage, Usage } from './metrics-source.ts';

type Labels = Readonly<Record<string, string>>;
type Measured = { readonly object: ApiObject; readonly labels: Labels };
type Serving = { readonly store: Store; readonly source: MetricsSource };

export function metricsResources(serving: Serving): readonly VirtualResource[] {
  return [
    {
      ...NodeMetrics,
      singular: '',
      verbs: ['get', 'list'],
      shortNames: [],
      handle: async (request) => answer(request, NodeMetrics, await nodeMetrics(serving)),
    },
    {
      ...PodMetrics,
      singular: '',
      verbs: ['get', 'list'],
      shortNames: [],
      handle: async (request) => answer(request, PodMetrics, await podMetrics(serving, request.namespace)),
    },
  ];
}

async function nodeMetrics({ store, source }: Serving): Promise<readonly Measured[]> {
  const nodes = await source.nodes();
  return nodes.flatMap((usage) => {
    const node = store.get(objectKey(NODES, usage));
    const labels = node?.metadata.labels ?? {};
    return node === undefined ? [] : [{ object: nodeObject(usage, labels), labels }];
  });
}

async function podMetrics({ store, source }: Serving, namespace: string | undefined): Promise<readonly Measured[]> {
  const pods = await source.pods(namespace);
  return pods.flatMap((usage) => {
    const pod = store.get(objectKey(PODS, usage));
    if (pod === undefined || pod.metadata.uid !== usage.uid || usage.containers.length === 0) return [];
    const labels = pod.metadata.labels ?? {};
    return [{ object: podObject(usage, labels), labels }];
  });
}

const NODES = { group: '', plural: 'nodes', namespaced: false };
const PODS = { group: '', plural: 'pods', namespaced: true };

function answer(
  { verb, name, options }: ApiRequest,
  type: { readonly group: string; readonly plural: string },
  measured: readonly Measured[],
): ApiResult {
  if (verb === 'get') {
    const found = measured.find(({ object }) => object.metadata.name === name);
    if (found === undefined) throw notFoundError(type, name ?? '');
    return { type: 'object', status: 200, object: found.object };
  }
  const selector = parseSelector(options.labelSelector ?? '');
  const items = measured.filter(({ labels }) => matchesLabels(selector, labels)).map(({ object }) => object);
  return { type: 'list', list: { resourceVersion: '', items } };
}

function nodeObject(usage: NodeUsage, labels: Labels): ApiObject {
  const object = {
    apiVersion: NodeMetrics.apiVersion,
    kind: NodeMetrics.kind,
    ...observation(usage, { name: usage.name, labels }),
    usage: quantities(usage),
  };
  return object as unknown as ApiObject;
}

function podObject({ name, namespace, containers }: PodUsage, labels: Labels): ApiObject {
  const latest = containers.reduce((newest, usage) => (usage.timestampMs > newest.timestampMs ? usage : newest));
  const object = {
    apiVersion: PodMetrics.apiVersion,
    kind: PodMetrics.kind,
    ...observation(latest, { name, namespace, labels }),
    containers: containers.map((usage) => ({ name: usage.name, usage: quantities(usage) })),
  };
  return object as unknown as ApiObject;
}

function observation({ timestampMs, windowMs }: Usage, metadata: object): object {
  const timestamp = formatTime(timestampMs);
  return { metadata: { ...metadata, creationTimestamp: timestamp }, timestamp, window: `${windowMs / 1000}s` };
}

function quantities({ cpuNanoCores, memoryWorkingSetBytes }: Usage): object {
  return { cpu: `${Math.round(cpuNanoCores)}n`, memory: `${Math.ceil(memoryWorkingSetBytes / 1024)}Ki` };
}
