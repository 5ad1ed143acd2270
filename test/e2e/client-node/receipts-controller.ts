/** A controller as its authors write them: it keeps a receipt, with a sum of its data, for every config map that is an order. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException, CoreV1Api, type KubeConfig, ListWatch, type V1ConfigMap, Watch } from '@kubernetes/client-node';
import type { Leadership } from './leader-election.ts';
import { Ledger } from './ledger.ts';

const RECEIPT = '-receipt';
const RETRY_MS = 50;
// A second stands for an hour, and servers end watches after about one.
const WATCH_SECONDS = 1;

export const isOrder = ({ metadata }: V1ConfigMap): boolean => metadata?.labels?.['kind'] === 'order';
export const receiptName = (order: string): string => order + RECEIPT;
export const sumOf = ({ data = {} }: V1ConfigMap): string =>
  createHash('sha256')
    .update(
      JSON.stringify(
        Object.keys(data)
          .toSorted()
          .map((key) => [key, data[key]]),
      ),
    )
    .digest('hex');

export class ReceiptsController {
  readonly ledger = new Ledger();
  readonly #api: CoreV1Api;
  readonly #namespace: string;
  readonly #informer: ListWatch<V1ConfigMap>;
  readonly #due = new Set<string>();
  #wake = Promise.withResolvers<void>();
  #stopped = false;

  constructor(config: KubeConfig, namespace: string) {
    this.#api = config.makeApiClient(CoreV1Api);
    this.#namespace = namespace;
    const listAll = async () => {
      const list = await this.#api.listNamespacedConfigMap({ namespace });
      this.ledger.list(list.metadata?.resourceVersion);
      return list;
    };
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    this.#informer = new ListWatch(path, new HourlyWatch(config), listAll, false);
    for (const verb of ['add', 'update'] as const) this.#informer.on(verb, (object) => this.#told('put', object));
    this.#informer.on('delete', (object) => this.#told('delete', object));
    this.#informer.on('error', () => void this.#startAgain());
  }

  async start(): Promise<void> {
    await this.#informer.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#informer.stop();
  }

  /** What the informer holds: names with their revisions. */
  cache(): ReadonlyMap<string, string> {
    return new Map(
      this.#informer.list().map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? '']),
    );
  }

  /** Works on what is due while the replica leads; all is due at first. */
  async lead(leadership: Leadership, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake.resolve());
    for (const { metadata } of this.#informer.list()) this.#add(metadata?.name ?? '');
    while (!signal.aborted) {
      const [name] = this.#due;
      if (name === undefined || !leadership.holds()) await this.#sleep(leadership);
      else await this.#work(name, leadership);
    }
  }

  async #sleep({ holds }: Leadership): Promise<void> {
    if (!holds()) return await sleep(RETRY_MS);
    this.#wake = Promise.withResolvers<void>();
    await this.#wake.promise;
  }

  async #work(name: string, leadership: Leadership): Promise<void> {
    this.#due.delete(name);
    try {
      await this.#reconcile(name, leadership);
    } catch {
      // Conflicts and broken connections: again with what is known then.
      this.#due.add(name);
      await sleep(RETRY_MS);
    }
  }

  async #reconcile(name: string, { term }: Leadership): Promise<void> {
    const namespace = this.#namespace;
    const order = this.#informer.get(name, namespace);
    const receipt = this.#informer.get(receiptName(name), namespace);
    if (order === undefined) {
      if (receipt !== undefined) await this.#remove(receiptName(name));
      return;
    }
    if (!isOrder(order) || receipt?.data?.['sum'] === sumOf(order)) return;
    const { resourceVersion } = receipt?.metadata ?? {};
    const body: V1ConfigMap = {
      metadata: { name: receiptName(name), ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      data: { sum: sumOf(order), term: String(term) },
    };
    if (receipt === undefined) await this.#api.createNamespacedConfigMap({ namespace, body });
    else await this.#api.replaceNamespacedConfigMap({ name: receiptName(name), namespace, body });
  }

  async #remove(name: string): Promise<void> {
    try {
      await this.#api.deleteNamespacedConfigMap({ name, namespace: this.#namespace });
    } catch (error) {
      if (!(error instanceof ApiException && error.code === 404)) throw error;
    }
  }

  #told(type: 'put' | 'delete', object: V1ConfigMap): void {
    this.ledger.tell(type, object);
    this.#add(object.metadata?.name ?? '');
  }

  #add(name: string): void {
    this.#due.add(name.endsWith(RECEIPT) ? name.slice(0, -RECEIPT.length) : name);
    this.#wake.resolve();
  }

  async #startAgain(): Promise<void> {
    await sleep(RETRY_MS);
    if (!this.#stopped) await this.#informer.start();
  }
}

class HourlyWatch extends Watch {
  override async watch(...[path, query, told, ended]: Parameters<Watch['watch']>): Promise<AbortController> {
    return await super.watch(path, { ...query, timeoutSeconds: WATCH_SECONDS }, told, ended);
  }
}
