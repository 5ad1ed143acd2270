/** What the API shows of a node: capacity, addresses, versions, conditions in upstream's words. */
import { isExtendedResource } from '#api/core/resource-names';
import { formatTime } from '#api/meta/time';
import type { ContainerImage, NodeCondition, NodeStatus } from '#api/types/core-v1';
import type { HostFacts, HostPressure } from './host-facts.ts';

export type RuntimeFacts = {
  readonly name: string;
  readonly version: string;
  /** Why the runtime cannot run pods now; empty when it can. */
  readonly notReady: readonly string[];
};

export type NodeStatusInput = {
  readonly host: HostFacts;
  readonly pressure: HostPressure;
  readonly runtime: RuntimeFacts;
  readonly images: readonly ContainerImage[];
  readonly addresses: readonly string[];
  readonly port: number;
  /** Of the whole system, as `v1.35.0`. */
  readonly version: string;
  readonly maxPods: number;
  readonly old: NodeStatus | undefined;
  readonly now: number;
};

type Judged = {
  readonly type: string;
  readonly bad: boolean;
  readonly reasons: readonly [bad: string, good: string];
  readonly texts: readonly [bad: string, good: string];
};

const KIBI = 1024;
// Upstream's eviction thresholds; what they keep free is not offered to pods either.
const MEMORY_KEPT_BYTES = 100 * KIBI * KIBI;
const STORAGE_KEPT_SHARE = 0.1;
const INODES_KEPT_SHARE = 0.05;
const PIDS_KEPT_SHARE = 0.01;

export function planNodeStatus(input: NodeStatusInput): NodeStatus {
  const { host, runtime, images, addresses, port, version, old } = input;
  // What others have put there: devices and whatever else can be counted.
  const offered = extendedResources(old?.capacity ?? {});
  return {
    ...old,
    addresses: [
      ...addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: host.hostname },
    ],
    capacity: { ...offered, ...capacityOf(input) },
    allocatable: { ...offered, ...allocatableOf(input) },
    conditions: conditionsOf(input),
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    images,
    nodeInfo: {
      machineID: host.machineId,
      systemUUID: host.systemUuid,
      bootID: host.bootId,
      kernelVersion: host.kernelVersion,
      osImage: host.osImage,
      containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
      kubeletVersion: version,
      kubeProxyVersion: version,
      operatingSystem: 'linux',
      architecture: host.architecture,
    },
  };
}

type Sized = Pick<NodeStatusInput, 'host' | 'maxPods'>;
type Resources = Readonly<Record<string, string>>;

function capacityOf({ host, maxPods }: Sized): Resources {
  return {
    cpu: cpuText(host.cpuMilli),
    'ephemeral-storage': kibi(host.storageBytes),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: kibi(host.memoryBytes),
    pods: String(maxPods),
  };
}

export function allocatableOf(sized: Sized): Resources {
  const { storageBytes, memoryBytes } = sized.host;
  return {
    ...capacityOf(sized),
    'ephemeral-storage': String(Math.floor(storageBytes * (1 - STORAGE_KEPT_SHARE))),
    memory: kibi(Math.max(0, memoryBytes - MEMORY_KEPT_BYTES)),
  };
}

const extendedResources = (capacity: Resources): Resources =>
  Object.fromEntries(Object.entries(capacity).filter(([name]) => isExtendedResource(name)));

/** Equal but for the time of the last look. */
export function withoutHeartbeat(status: NodeStatus | undefined): unknown {
  return { ...status, conditions: status?.conditions?.map(({ lastHeartbeatTime: _when, ...rest }) => rest) };
}

function conditionsOf({ host, pressure, runtime, old, now }: NodeStatusInput): readonly NodeCondition[] {
  const fullDisk =
    pressure.storageAvailableBytes < host.storageBytes * STORAGE_KEPT_SHARE ||
    pressure.storageInodesShare < INODES_KEPT_SHARE;
  const judged: readonly Judged[] = [
    {
      type: 'MemoryPressure',
      bad: pressure.memoryAvailableBytes < MEMORY_KEPT_BYTES,
      reasons: ['KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory'],
      texts: ['kubelet has insufficient memory available', 'kubelet has sufficient memory available'],
    },
    {
      type: 'DiskPressure',
      bad: fullDisk,
      reasons: ['KubeletHasDiskPressure', 'KubeletHasNoDiskPressure'],
      texts: ['kubelet has disk pressure', 'kubelet has no disk pressure'],
    },
    {
      type: 'PIDPressure',
      bad: pressure.freePidsShare < PIDS_KEPT_SHARE,
      reasons: ['KubeletHasInsufficientPID', 'KubeletHasSufficientPID'],
      texts: ['kubelet has insufficient PID available', 'kubelet has sufficient PID available'],
    },
  ];
  const pressures = judged.map(({ type, bad, reasons, texts }) => ({
    type,
    status: bad ? 'True' : 'False',
    reason: bad ? reasons[0] : reasons[1],
    message: bad ? texts[0] : texts[1],
  }));
  return [...pressures, readiness(runtime)].map((condition) => withTimes(condition, old, now));
}

type Told = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };

function readiness({ notReady }: RuntimeFacts): Told {
  return notReady.length === 0
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: notReady.join(', ') };
}

function withTimes(told: Told, old: NodeStatus | undefined, now: number): NodeCondition {
  const before = old?.conditions?.find(({ type }) => type === told.type);
  const since = before?.status === told.status ? before.lastTransitionTime : undefined;
  return { ...told, lastHeartbeatTime: formatTime(now), lastTransitionTime: since ?? formatTime(now) };
}

function cpuText(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

function kibi(bytes: number): string {
  return `${Math.floor(bytes / KIBI)}Ki`;
}
