/** Which pods belong to which workload, and what they use: kept up to date by what the cluster tells. */
import { ReplicaSet } from '#api/apps/replica-set';
import type { Pod } from '#api/core/pod';
import { isReady, isTerminal } from '#api/core/pod-state';
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';
import type { ObjectMeta, OwnerReference } from '#api/types/meta-v1';
import type { Informers } from '#client/informer';
import { Pod as PodKind } from '#api/core/pod';
import { type WorkloadRef, workloadText } from './scenario.ts';

type Counts = { readonly all: number; readonly ready: number };

export type PodUse = { readonly cpuNanoCores: number; readonly memoryBytes: number };

const NO_PODS: Counts = { all: 0, ready: 0 };
const BY_NODE = 'simulate/node';
const NANOS_IN_MILLI = 1_000_000;
// What is not said is not nothing.
const LEAST_MILLI_CORES = 1;
const LEAST_BYTES = 8 * 1024 * 1024;

export class Workloads {
  readonly #informers: Informers;
  /** CPU of all pods of a workload together, by its text. */
  readonly #traffic = new Map<string, number>();
  readonly #pods = new Map<string, Counts>();
  /** The owner of each replica set: a set may be gone before its pods are. */
  readonly #parents = new Map<string, OwnerReference | undefined>();
  /** By uid: whom a pod belongs to may be known only later. */
  readonly #countedAs = new Map<string, string>();
  #version = 0;

  constructor(informers: Informers) {
    this.#informers = informers;
    const pods = informers.for(PodKind);
    pods.addIndex(BY_NODE, ({ spec }) => spec.nodeName);
    pods.subscribe(({ before, after }) => {
      if (before !== undefined) this.#add(before, -1);
      if (after === undefined) return;
      this.#countedAs.set(after.metadata.uid, this.of(after));
      this.#add(after, 1);
    });
  }

  #add(pod: Pod, one: 1 | -1): void {
    const { uid } = pod.metadata;
    const workload = this.#countedAs.get(uid);
    if (workload === undefined) return;
    if (one < 0) this.#countedAs.delete(uid);
    const before = this.#pods.get(workload) ?? NO_PODS;
    const all = before.all + one;
    const ready = before.ready + (isServing(pod) ? one : 0);
    if (all === 0) this.#pods.delete(workload);
    else this.#pods.set(workload, { all, ready });
    if (before.all === 0 || all === 0) this.#version++;
  }

  /** `Deployment shop/web`; a pod that nothing owns is a workload of its own. */
  of({ metadata }: Pod): string {
    const { namespace = '' } = metadata;
    const owner = controllerOf(metadata);
    if (owner === undefined) return workloadText({ kind: 'Pod', namespace, name: metadata.name });
    const { kind, name } = owner.kind === 'ReplicaSet' ? (this.#parentOf(namespace, owner) ?? owner) : owner;
    return workloadText({ kind, namespace, name });
  }

  #parentOf(namespace: string, { name, uid }: OwnerReference): OwnerReference | undefined {
    if (this.#parents.has(uid)) return this.#parents.get(uid);
    const set = this.#informers.for(ReplicaSet).get({ namespace, name });
    if (set === undefined) return undefined;
    const parent = controllerOf(set.metadata);
    this.#parents.set(uid, parent);
    return parent;
  }

  readyPodsOf(workload: string): number {
    return this.#pods.get(workload)?.ready ?? 0;
  }

  /** Those that have pods. */
  names(): Iterable<string> {
    return this.#pods.keys();
  }

  /** Changes when the names do. */
  get version(): number {
    return this.#version;
  }

  podsOn(node: string): readonly Pod[] {
    return this.#informers.for(PodKind).byIndex(BY_NODE, node);
  }

  setTraffic(workload: WorkloadRef, milliCores: number): void {
    this.#traffic.set(workloadText(workload), milliCores);
  }

  /** Its share of the workload's traffic, or what it asks for. */
  useOf(ref: { readonly namespace: string; readonly name: string }): PodUse | undefined {
    const pod = this.#informers.for(PodKind).get(ref);
    if (pod === undefined) return undefined;
    const workload = this.of(pod);
    const traffic = this.#traffic.get(workload);
    const containers = Math.max(1, pod.spec.containers.length);
    const milliCores =
      traffic === undefined ? requested(pod, 'cpu') : traffic / Math.max(1, this.readyPodsOf(workload));
    const cpuNanoCores = (Math.max(LEAST_MILLI_CORES, milliCores) * NANOS_IN_MILLI) / containers;
    return { cpuNanoCores, memoryBytes: Math.max(LEAST_BYTES, requested(pod, 'memory')) / containers };
  }
}

/** The object that makes and removes this one. */
export function controllerOf({ ownerReferences }: ObjectMeta): OwnerReference | undefined {
  return ownerReferences?.find(({ controller }) => controller === true);
}

function isServing(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isTerminal(pod) && isReady(pod);
}

/** Of all containers, in thousandths of CPUs or in bytes. */
export function requested({ spec }: Pod, resource: 'cpu' | 'memory'): number {
  return spec.containers.reduce((sum, { resources }) => {
    const text = resources?.requests?.[resource];
    if (text === undefined) return sum;
    const quantity = parseQuantity(String(text));
    return sum + (resource === 'cpu' ? milliUnits(quantity) : wholeUnits(quantity));
  }, 0);
}
