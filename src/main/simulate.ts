/** Puts a simulated cluster together from the real parts, fills it with a copy of another, and plays a scenario through in it. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { Node } from '#api/core/node';
import { Namespace } from '#api/core/namespace';
import { isApiError } from '#api/errors';
import { KINDS } from '#api/kinds';
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';
import { parseTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';
import { errorMessage } from '#base/errors';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import type { World } from '#base/world';
import type { SimulationRequest } from '#cli/composition';
import { CommandError } from '#cli/exit';
import { decodeScenario } from '#simulate/decode-scenario';
import { type Report, reportText } from '#simulate/report';
import { runScenario } from '#simulate/run-scenario';
import type { Scenario } from '#simulate/scenario';
import type { SimulatedNode } from '#simulate/simulated-cluster';
import { Workloads } from '#simulate/workloads';
import { type ClusterCopy, readCluster } from './read-cluster.ts';
import { SimulatedNodes } from './simulated-nodes.ts';
import { controlPlaneHealth, runControlPlane } from './control-plane.ts';
import { planSimulatedStore } from './plan-simulated-store.ts';
import { openVirtualCluster } from './virtual-cluster.ts';

export async function simulate(
  request: SimulationRequest,
  world: World,
): Promise<{ readonly text: string; readonly json: string }> {
  const scenario = await readScenario(request.scenario);
  request.onStep('Reading the cluster');
  const copy = await readCluster(request.from, world, request.signal);
  request.onStep('Simulating');
  const report = await simulateCopy(scenario, copy, request);
  return { text: reportText(report), json: JSON.stringify(report, undefined, 2) };
}

async function readScenario(path: string): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CommandError(2, `Cannot read scenario ${path}: there is no such file`);
    throw new CommandError(2, `Cannot read scenario ${path}: ${errorMessage(cause)}`, { cause });
  }
  const [document, second] = parseAllDocuments(text);
  if (second !== undefined) throw new CommandError(2, `Cannot read scenario ${path}: it has more than one document`);
  const error = document?.errors[0];
  if (error !== undefined) throw new CommandError(2, `Cannot read scenario ${path}: ${firstLine(error.message)}`);
  const decoded = decodeScenario(document?.toJS());
  if ('scenario' in decoded) return decoded.scenario;
  const lines = decoded.errors.map(({ field, message }) => `  ${field}: ${message}`);
  throw new CommandError(2, `Cannot use scenario ${path}:\n${lines.join('\n')}`);
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/:$/, '');

type Asked = Pick<SimulationRequest, 'seed' | 'onDetail' | 'signal'>;

async function simulateCopy(scenario: Scenario, copy: ClusterCopy, { seed, onDetail, signal }: Asked): Promise<Report> {
  const world = virtualWorld({ seed, effects: 'promises', ...startOf(copy) });
  await using cluster = await openVirtualCluster({
    world,
    objects: planSimulatedStore(copy.stored),
    events: 'dropped',
  });
  const ending = new AbortController();
  const surroundings = { world, logger: silentLogger(), signal: ending.signal };
  const { informers } = cluster;
  const workloads = new Workloads(informers);
  const nodes = new SimulatedNodes(cluster, surroundings, (pod) => workloads.useOf(pod));
  await createManifests(copy.manifests, cluster.admin);
  await nodes.addAll([...copy.stored.map(([, object]) => object), ...copy.manifests].filter(isNode).map(nodeOf));
  const running = runControlPlane(
    { ...cluster, authority: '', signCertificate: () => '', health: controlPlaneHealth() },
    surroundings,
  );
  running.catch(() => undefined); // heard at the end
  let told = -1;
  const onProgress = (share: number): void => {
    const percent = Math.floor(share * 100);
    if (percent === told) return;
    told = percent;
    onDetail(`${percent} %`);
  };
  try {
    const port = {
      world,
      client: cluster.admin,
      addNode: (node: SimulatedNode) => nodes.add(node),
      powerOff: nodes.powerOff,
      powerOn: nodes.powerOn,
    };
    return await runScenario({ scenario, seed, cluster: port, informers, workloads, onProgress, signal });
  } finally {
    ending.abort();
    nodes.stop();
    await world.settle();
    await running;
  }
}

/** A copy lives on from the moment of its newest object, so that nothing in it is of the future. */
function startOf({ stored }: ClusterCopy): { readonly startMs?: number } {
  const times = stored.map(([, { metadata }]) => parseTime(metadata.creationTimestamp)).filter(Number.isFinite);
  return times.length === 0 ? {} : { startMs: times.reduce((latest, each) => Math.max(latest, each), 0) + 1_000 };
}

const isNode = ({ kind, apiVersion }: ApiObject): boolean => kind === Node.kind && apiVersion === Node.apiVersion;
const MOST_PODS = 250;

function nodeOf(object: ApiObject): SimulatedNode {
  const { metadata, status } = object as Node;
  const capacity = status?.capacity ?? {};
  const { cpu, memory, pods = '110' } = capacity;
  if (cpu === undefined || memory === undefined) {
    throw new CommandError(2, `Cannot simulate node "${metadata.name}": status.capacity has no cpu or no memory`);
  }
  return {
    name: metadata.name,
    milliCores: milliUnits(parseQuantity(String(cpu))),
    memoryBytes: wholeUnits(parseQuantity(String(memory))),
    pods: Math.min(MOST_PODS, Number(pods)),
    labels: metadata.labels ?? {},
  };
}

/** As `kubectl apply` of all of them would, namespaces first. */
async function createManifests(
  manifests: readonly ApiObject[],
  client: Awaited<ReturnType<typeof openVirtualCluster>>['admin'],
): Promise<void> {
  const isFirst = ({ kind }: ApiObject): boolean => kind === Namespace.kind;
  const others = manifests.filter((object) => !isNode(object));
  for (const object of [...others.filter(isFirst), ...others.filter((each) => !isFirst(each))]) {
    const type = KINDS.find(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind);
    if (type === undefined)
      throw new CommandError(2, `Cannot simulate ${object.apiVersion} ${object.kind}: no such kind`);
    const metadata = type.namespaced ? { namespace: 'default', ...object.metadata } : object.metadata;
    try {
      await client.create(type, {
        ...(object.kind === Namespace.kind ? { spec: {} } : {}),
        ...object,
        metadata,
      } as ApiObject);
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) continue;
      throw new CommandError(2, `Cannot simulate ${object.kind} "${metadata.name}": ${errorMessage(error)}`, {
        cause: error,
      });
    }
  }
}
