/** Keeps the node's service rules true to the services, their endpoints and the node's own pods. */
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { EndpointSlice } from '#api/discovery/endpoint-slice';
import { type ObjectRef, refOf } from '#api/object';
import { onAbort } from '#base/abort';
import { AsyncQueue } from '#base/async-queue';
import { backoffMs, type BackoffPolicy } from '#base/backoff';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Informer, Informers } from '#client/informer';
import { keyOfRef, refOfKey } from '#client/key';
import { serviceKeysOf, SLICES_BY_SERVICE } from '../plan/slices-by-service.ts';
import type { NodeRoutes } from '../podnet/plan/routes.ts';
import { kernelTable, type KernelTable } from './kernel-table.ts';
import { hostPortFronts } from './plan/host-ports.ts';
import { RuleBook } from './plan/rule-book.ts';
import { serviceFronts, type NodeView } from './plan/service-fronts.ts';
import type { NodeTable } from './plan/skeleton.ts';
import { ServiceRanges } from './service-ranges.ts';

export type ProxyContext = {
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly node: NodeTable & NodeRoutes & Pick<NodeView, 'nodeName'>;
};

export type Proxy = {
  /** Resolves when the kernel holds every service there was at the start. */
  readonly ready: Promise<void>;
  /** Resolves after the abort, when nothing is under way any more. */
  readonly ended: Promise<void>;
  /** Resolves when no rule in the kernel leads to the address any more. */
  withdrawn(address: string, signal: AbortSignal): Promise<void>;
};

// Changes that come together are written together; a single one must still be in the kernel within some 50 ms.
const GATHER_MS = 3;
const RETRY: BackoffPolicy = { baseMs: 100, capMs: 10_000, jitter: 0.2 };

export function runProxy(context: ProxyContext): Proxy {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => undefined); // whoever waits hears of it; nobody has to wait
  const run = new ProxyRun(context, resolve);
  const ended = run.untilAborted().finally(() => reject(context.signal.reason));
  return { ready: promise, ended, withdrawn: (address, signal) => run.withdrawn(address, signal) };
}

class ProxyRun {
  readonly #context: ProxyContext;
  readonly #onReady: () => void;
  readonly #book = new RuleBook();
  readonly #kernel: KernelTable;
  readonly #changedServices = new Set<string>();
  readonly #changedPods = new Set<string>();
  readonly #wakes = new AsyncQueue<void>(1);
  readonly #waiting = new Set<() => void>();
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #pods: Informer<Pod>;
  readonly #ranges: ServiceRanges;
  #rangesChanged = true;
  /** Something changed that is not in the kernel yet. */
  #isBehind = false;

  constructor(context: ProxyContext, onReady: () => void) {
    this.#context = context;
    this.#onReady = onReady;
    this.#kernel = kernelTable(context);
    this.#ranges = new ServiceRanges(context);
    const { informers, node } = context;
    this.#services = informers.for(Service);
    this.#slices = informers.for(EndpointSlice);
    this.#slices.addIndex(SLICES_BY_SERVICE, serviceKeysOf);
    this.#pods = informers.filtered(Pod, { fieldSelector: `spec.nodeName=${node.nodeName}` });
  }

  async untilAborted(): Promise<void> {
    using _subscriptions = this.#subscribe();
    using _ending = onAbort(this.#context.signal, () => this.#wakes.end());
    const copies = [this.#services, this.#slices, this.#pods, this.#ranges.objects];
    const first = Promise.all(copies.map(({ synced }) => synced));
    if (!(await settled(first))) return;
    await this.#retrying(() => this.#replaceAll());
    this.#onReady();
    for await (const _wake of this.#wakes) {
      await settled(this.#context.world.clock.sleep(GATHER_MS, this.#context.signal));
      await this.#retrying(() => this.#applyChanges());
    }
  }

  async withdrawn(address: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => {
      if (!this.#isBehind && !this.#book.leadsTo(address)) resolve();
    };
    using _listening = onAbort(signal, resolve);
    this.#waiting.add(check);
    check();
    await promise;
    this.#waiting.delete(check);
  }

  #subscribe(): Disposable {
    const stack = new DisposableStack();
    stack.use(
      this.#ranges.objects.subscribe(() => {
        this.#rangesChanged = true;
        this.#wake();
      }),
    );
    stack.use(this.#services.subscribe(({ before, after }) => this.#mark(this.#changedServices, after ?? before)));
    stack.use(this.#pods.subscribe(({ before, after }) => this.#mark(this.#changedPods, after ?? before)));
    stack.use(
      this.#slices.subscribe(({ before, after }) => {
        for (const slice of [before, after]) {
          for (const key of slice === undefined ? [] : serviceKeysOf(slice)) this.#changedServices.add(key);
        }
        this.#wake();
      }),
    );
    return stack;
  }

  #mark(changed: Set<string>, object: Pod | Service | undefined): void {
    if (object === undefined) return;
    changed.add(keyOfRef(refOf(object)));
    this.#wake();
  }

  #wake(): void {
    this.#isBehind = true;
    this.#wakes.push();
  }

  async #replaceAll(): Promise<void> {
    this.#rangesChanged = true;
    await this.#takeRanges();
    this.#takeClaims();
    this.#book.takeChange();
    await this.#kernel.replace(this.#book.everything());
    await this.#ranges.route();
    this.#written();
  }

  async #takeRanges(): Promise<void> {
    if (!this.#rangesChanged) return;
    this.#rangesChanged = false;
    this.#book.claimRanges(await this.#ranges.plan());
  }

  async #applyChanges(): Promise<void> {
    await this.#takeRanges();
    this.#takeClaims();
    const change = this.#book.takeChange();
    await this.#kernel.change(change, () => this.#book.everything());
    await this.#ranges.route();
    this.#written();
    await this.#kernel.forget(change.staleFlows);
  }

  #takeClaims(): void {
    for (const key of take(this.#changedServices)) this.#claimService(key, refOfKey(key));
    for (const key of take(this.#changedPods)) {
      const pod = this.#pods.get(refOfKey(key));
      this.#book.claim({ name: `pod ${key}`, rank: `pod ${key}` }, pod === undefined ? [] : hostPortFronts(pod));
    }
  }

  #claimService(key: string, ref: ObjectRef): void {
    const service = this.#services.get(ref);
    // Of two services that claim one address and port, the older one keeps it.
    const rank = `service ${service?.metadata.creationTimestamp ?? ''} ${key}`;
    const slices = service === undefined ? [] : this.#slices.byIndex(SLICES_BY_SERVICE, key);
    const fronts = service === undefined ? [] : serviceFronts(service, slices, this.#context.node);
    this.#book.claim({ name: `service ${key}`, rank }, fronts);
  }

  #written(): void {
    this.#isBehind = this.#rangesChanged || this.#changedServices.size + this.#changedPods.size > 0;
    for (const check of this.#waiting) check();
  }

  // The kernel's table stays as it was while this fails, so each retry starts from the whole.
  async #retrying(write: () => Promise<void>): Promise<void> {
    const { world, logger, signal } = this.#context;
    let next = write;
    for (let failures = 0; !signal.aborted;) {
      try {
        return await next();
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        logger.error('cannot write the service rules, trying again', { failures, error: asError(error) });
        next = () => this.#replaceAll();
        await settled(world.clock.sleep(backoffMs(failures, RETRY, world.random), signal));
      }
    }
  }
}

function* take(changed: Set<string>): Generator<string> {
  const keys = [...changed];
  changed.clear();
  yield* keys;
}

/** Whether the work ended well; only an abort ends it otherwise. */
async function settled(work: Promise<unknown>): Promise<boolean> {
  return await work.then(
    () => true,
    () => false,
  );
}
