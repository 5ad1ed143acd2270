/** Chooses one of several replicas by a Lease, as controllers do: who renews it in time leads. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException, CoordinationV1Api, type KubeConfig, type V1Lease, V1MicroTime } from '@kubernetes/client-node';

const LEASE_SECONDS = 2;
// Well before others may take over, so that what is under way ends in time.
const RENEW_WITHIN_MS = 1200;
const RETRY_EVERY_MS = 250;

export type Leadership = {
  /** Grows with every change of leaders. */
  readonly term: number;
  /** False as soon as the lease may have been lost. */
  readonly holds: () => boolean;
};

export type Candidate = {
  readonly config: KubeConfig;
  readonly identity: string;
  readonly lease: { readonly name: string; readonly namespace: string };
  readonly lead: (leadership: Leadership, signal: AbortSignal) => Promise<void>;
};

/** Runs until the signal aborts, and then just stops, as a process that is killed does: nobody is told. */
export async function runCandidate(candidate: Candidate, signal: AbortSignal): Promise<void> {
  const election = new Election(candidate);
  while (!signal.aborted) {
    const term = await election.acquire();
    if (term !== undefined && !signal.aborted) await leadUntilLost(election, { candidate, term, signal });
    await sleep(RETRY_EVERY_MS);
  }
}

type Term = { readonly candidate: Candidate; readonly term: number; readonly signal: AbortSignal };

async function leadUntilLost(election: Election, { candidate, term, signal }: Term): Promise<void> {
  const lost = new AbortController();
  let renewedMs = performance.now();
  const holds = (): boolean => !signal.aborted && performance.now() - renewedMs < RENEW_WITHIN_MS;
  const leading = candidate.lead({ term, holds }, lost.signal);
  while (holds()) {
    await sleep(RETRY_EVERY_MS);
    const askedMs = performance.now();
    if (!signal.aborted && (await election.acquire()) === term) renewedMs = askedMs;
  }
  lost.abort();
  await leading;
}

class Election {
  readonly #api: CoordinationV1Api;
  readonly #candidate: Candidate;
  #seen = { version: '', atMs: 0 };

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
    this.#api = candidate.config.makeApiClient(CoordinationV1Api);
  }

  /** The term, if the lease is ours now; nothing if another has it, or nobody knows. */
  async acquire(): Promise<number | undefined> {
    const { name, namespace } = this.#candidate.lease;
    try {
      const lease = await this.#api.readNamespacedLease({ name, namespace });
      return this.#isFree(lease) ? await this.#take(lease) : undefined;
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) await this.#make();
      // A conflict: another was first. No connection: asked again soon.
      return undefined;
    }
  }

  async #make(): Promise<void> {
    const { name, namespace } = this.#candidate.lease;
    const body = { metadata: { name }, spec: { leaseDurationSeconds: LEASE_SECONDS, leaseTransitions: 0 } };
    await this.#api.createNamespacedLease({ namespace, body }).catch(() => undefined); // another may have been first
  }

  /** By our own clock: free is what was not renewed for its whole time. */
  #isFree({ metadata, spec }: V1Lease): boolean {
    const version = metadata?.resourceVersion ?? '';
    if (version !== this.#seen.version) this.#seen = { version, atMs: performance.now() };
    const holder = spec?.holderIdentity ?? '';
    if (holder === '' || holder === this.#candidate.identity) return true;
    return performance.now() - this.#seen.atMs > LEASE_SECONDS * 1000;
  }

  async #take(lease: V1Lease): Promise<number> {
    const { name, namespace } = this.#candidate.lease;
    const { holderIdentity, leaseTransitions = 0 } = lease.spec ?? {};
    const holds = holderIdentity === this.#candidate.identity;
    const term = holds ? leaseTransitions : leaseTransitions + 1;
    const now = new V1MicroTime();
    const spec = Object.assign(lease.spec ?? {}, {
      holderIdentity: this.#candidate.identity,
      leaseTransitions: term,
      renewTime: now,
      ...(holds ? {} : { acquireTime: now }),
    });
    const body: V1Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...definedMetadata(lease), spec };
    await this.#api.replaceNamespacedLease({ name, namespace, body });
    return term;
  }
}

const definedMetadata = ({ metadata }: V1Lease): Pick<V1Lease, 'metadata'> =>
  metadata === undefined ? {} : { metadata };
