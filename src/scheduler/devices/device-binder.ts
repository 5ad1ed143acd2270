/** Follows devices for the scheduler, and writes down what the claims of a pod get before the pod itself is bound. */
import { isApiError } from '#api/errors';
import { refOf } from '#api/object';
import { DeviceClass } from '#api/resource/device-class';
import { CLAIM_FINALIZER, isReservedFor, withConsumer } from '#api/resource/pod-claims';
import { ResourceClaim } from '#api/resource/resource-claim';
import { ResourceSlice } from '#api/resource/resource-slice';
import type { Node, Pod } from '#api/types/core-v1';
import type { AllocationResult } from '#api/types/resource-v1';
import type { Client } from '#client/client';
import type { Informers } from '#client/informer';
import { type Plugin, type Refusal, refusalForGood } from '../framework/plugin.ts';
import { dynamicResources } from '../plugins/claims.ts';
import { allocationOf } from './allocation-result.ts';
import { DeviceLedger } from './device-ledger.ts';
import { PoolIndex } from './pools.ts';
import { claimsFor, isWithinReach, planNodeDevices, planPodDevices, type PodDevices } from './plan-devices.ts';

type Options = { readonly client: Client; readonly informers: Informers };

/** What the claims of one pod get on its node. */
export type DeviceReservation = {
  readonly pod: Pod;
  readonly given: readonly { readonly claim: ResourceClaim; readonly allocation: AllocationResult }[];
  /** They had their devices before, or get them with another pod of the gang. */
  readonly joined: readonly ResourceClaim[];
};

/** Devices that a claim is about to get with a pod. */
type UnderWay = {
  readonly pod: Pod;
  readonly allocation: AllocationResult;
  /** Settles when the claim says what it has, or will not. */
  readonly written: PromiseWithResolvers<void>;
};

export class DeviceBinder {
  readonly #options: Options;
  /** By the uid of a claim, what it is about to get: our copy of the claims does not show it yet. */
  readonly #underWay = new Map<string, UnderWay>();
  readonly #used = new DeviceLedger();
  /** Gathered when they are asked for; they change seldom. */
  #pools: PoolIndex | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Resolves when all that is known of devices is known here; `onChange` hears of what comes later. */
  async follow(onChange: () => void): Promise<Disposable> {
    const { informers } = this.#options;
    const [claims, classes, slices] = [
      informers.for(ResourceClaim),
      informers.for(DeviceClass),
      informers.for(ResourceSlice),
    ];
    await Promise.all([claims.synced, classes.synced, slices.synced]);
    const following = new DisposableStack();
    following.use(classes.subscribe(onChange));
    following.use(
      claims.subscribe(({ before, after }) => {
        this.#note(before, after);
        onChange();
      }),
    );
    following.use(
      slices.subscribe(() => {
        this.#pools = undefined;
        onChange();
      }),
    );
    return following;
  }

  /** Whether a claim of the pod is not there yet, or is not its own. */
  isWaiting(pod: Pod): boolean {
    return hasClaims(pod) && typeof claimsFor(pod, { claim: this.#claim }) === 'string';
  }

  /** Undefined for pods without claims, which are most. A text says why no node will do. */
  plan(pod: Pod): PodDevices | string | undefined {
    if (!hasClaims(pod)) return undefined;
    return planPodDevices(pod, {
      claim: (namespace, name) => this.#claimOfGang(pod, namespace, name),
      deviceClass: (name) => this.#options.informers.for(DeviceClass).get({ name }),
      isUnderWay: ({ metadata }) => this.#underWay.has(metadata.uid),
    });
  }

  filter(devices: PodDevices): Plugin {
    const refusals = new Map<string, Refusal>();
    return {
      ...dynamicResources,
      filter: (_pod, state) => ({
        verdict: (slot) => {
          const node = state.nodeAt(slot);
          const planned = node === undefined ? '' : this.#onNode(devices, node);
          if (typeof planned !== 'string') return undefined;
          const refusal = refusals.get(planned) ?? refusalForGood(planned);
          refusals.set(planned, refusal);
          return refusal;
        },
      }),
    };
  }

  /** From now on nobody else gets these devices. */
  reserve(pod: Pod, devices: PodDevices, node: Node): DeviceReservation {
    const chosen = this.#onNode(devices, node);
    if (typeof chosen === 'string') throw new Error(chosen);
    const given = devices.open.map((claim) => ({
      claim,
      allocation: allocationOf(claim, chosen, { requested: devices.requested, node }),
    }));
    for (const { claim, allocation } of given) {
      const written = Promise.withResolvers<void>();
      written.promise.catch(() => undefined); // mostly nobody waits for it
      this.#underWay.set(claim.metadata.uid, { pod, allocation, written });
      this.#used.set(claim.metadata.uid, allocation);
    }
    return { pod, given, joined: devices.allocated };
  }

  /** Resolves when every claim has its devices and counts the pod among its users. */
  async bind({ pod, given, joined }: DeviceReservation): Promise<void> {
    for (const { claim, allocation } of given) {
      await this.#give(pod, claim, allocation);
      this.#underWay.get(claim.metadata.uid)?.written.resolve();
    }
    for (const claim of joined) {
      await this.#underWay.get(claim.metadata.uid)?.written.promise;
      if (!isReservedFor(pod, claim)) await this.#join(pod, claim);
    }
  }

  /** The pod was not bound after all: devices that were not written down are free again. */
  release({ given }: DeviceReservation): void {
    for (const { claim } of given) {
      const { uid, namespace = '', name } = claim.metadata;
      this.#underWay.get(uid)?.written.reject(new Error(`resource claim ${namespace}/${name} was given back`));
      if (!this.#underWay.delete(uid)) continue; // written down after all
      const current = this.#claim(namespace, name);
      this.#used.set(uid, current?.metadata.uid === uid ? current.status?.allocation : undefined);
    }
  }

  /** The pod's gang goes nowhere: what was written down for the pod alone is free again, so that no gang keeps part of what another needs. */
  async takeBack({ pod, given }: DeviceReservation): Promise<void> {
    for (const { claim } of given) {
      const current = await this.#options.client.get(ResourceClaim, refOf(claim));
      const { allocation, reservedFor: _users, ...status } = current.status ?? {};
      const isSame = current.metadata.uid === claim.metadata.uid && allocation !== undefined;
      if (isSame && isReservedFor(pod, current) && isUsedByNoOther(current, pod))
        await this.#write({ ...current, status });
    }
  }

  /** A claim that keeps its pod from every node gives its devices back, if nobody else uses it: it may get others. */
  async giveBack(pod: Pod, { allocated }: PodDevices, nodes: readonly Node[]): Promise<void> {
    const stuck = allocated.find(
      (claim) => isUsedByNoOther(claim, pod) && !nodes.some((node) => isWithinReach(claim, node)),
    );
    if (stuck === undefined) return;
    const { allocation: _allocation, reservedFor: _users, ...status } = stuck.status ?? {};
    await this.#write({ ...stuck, status });
  }

  readonly #claim = (namespace: string, name: string): ResourceClaim | undefined =>
    this.#options.informers.for(ResourceClaim).get({ namespace, name });

  /** What a claim gets with one pod of a gang, the others of the gang may use beside it. */
  #claimOfGang(pod: Pod, namespace: string, name: string): ResourceClaim | undefined {
    const claim = this.#claim(namespace, name);
    const underWay = claim && this.#underWay.get(claim.metadata.uid);
    if (claim === undefined || underWay === undefined || !isOfSameGang(pod, underWay.pod)) return claim;
    return withConsumer({ ...claim, status: { ...claim.status, allocation: underWay.allocation } }, underWay.pod);
  }

  #onNode(devices: PodDevices, node: Node): ReturnType<typeof planNodeDevices> {
    this.#pools ??= new PoolIndex(this.#options.informers.for(ResourceSlice).list());
    return planNodeDevices(devices, { node, pools: this.#pools.on(node), used: this.#used });
  }

  #note(before: ResourceClaim | undefined, after: ResourceClaim | undefined): void {
    if (before !== undefined && before.metadata.uid !== after?.metadata.uid) this.#forget(before);
    if (after === undefined) return;
    const { uid } = after.metadata;
    const allocation = after.status?.allocation;
    // What is on its way to a claim stays so until the claim says what it has.
    if (allocation !== undefined) this.#landed(uid);
    if (!this.#underWay.has(uid)) this.#used.set(uid, allocation);
  }

  #landed(uid: string): void {
    this.#underWay.get(uid)?.written.resolve();
    this.#underWay.delete(uid);
  }

  #forget({ metadata: { uid } }: ResourceClaim): void {
    this.#underWay.delete(uid);
    this.#used.set(uid, undefined);
  }

  async #give(pod: Pod, claim: ResourceClaim, allocation: AllocationResult): Promise<void> {
    const held = await this.#hold(claim);
    await this.#write(withConsumer({ ...held, status: { ...held.status, allocation } }, pod));
  }

  /** It must not go away with its devices. */
  async #hold(claim: ResourceClaim): Promise<ResourceClaim> {
    const { finalizers = [] } = claim.metadata;
    if (finalizers.includes(CLAIM_FINALIZER)) return claim;
    const metadata = { ...claim.metadata, finalizers: [...finalizers, CLAIM_FINALIZER] };
    return await this.#options.client.update(ResourceClaim, { ...claim, metadata });
  }

  /** Others join and leave meanwhile: each conflict means that one of them did. */
  async #join(pod: Pod, claim: ResourceClaim): Promise<void> {
    for (let current = claim; !isReservedFor(pod, current);) {
      try {
        return await this.#write(withConsumer(current, pod));
      } catch (error) {
        if (!isApiError(error, 'Conflict')) throw error;
        current = await this.#options.client.get(ResourceClaim, refOf(claim));
        if (current.status?.allocation === undefined) throw error;
      }
    }
  }

  async #write(claim: ResourceClaim): Promise<void> {
    await this.#options.client.update(ResourceClaim, claim, { subresource: 'status' });
  }
}

function isOfSameGang({ spec, metadata }: Pod, other: Pod): boolean {
  const group = spec.schedulingGroup?.podGroupName;
  return (
    group !== undefined &&
    group === other.spec.schedulingGroup?.podGroupName &&
    metadata.namespace === other.metadata.namespace
  );
}

function hasClaims({ spec }: Pod): boolean {
  return (spec.resourceClaims ?? []).length > 0;
}

function isUsedByNoOther({ status }: ResourceClaim, { metadata }: Pod): boolean {
  return (status?.reservedFor ?? []).every(({ uid }) => uid === metadata.uid);
}
