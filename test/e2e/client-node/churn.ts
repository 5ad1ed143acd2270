/** Makes, changes and removes orders for a virtual day, as many as the cluster takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException, CoreV1Api, type KubeConfig, type V1ConfigMap } from '@kubernetes/client-node';
import { seededRandom } from '#base/seeded-random';

const WRITERS = 4;
const NAMES_EACH = 25;
const RETRY_MS = 50;

export type Churn = {
  readonly config: KubeConfig;
  readonly namespace: string;
  readonly seed: number;
  readonly isOver: () => boolean;
  /** Called after every change. */
  readonly onChange: () => void;
};

export async function runChurn(churn: Churn): Promise<void> {
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => new Writer(churn, index).run()));
}

/** Has names of its own, so that it knows what there is. */
class Writer {
  readonly #churn: Churn;
  readonly #index: number;
  readonly #api: CoreV1Api;
  readonly #random: () => number;
  readonly #present = new Set<string>();

  constructor(churn: Churn, index: number) {
    this.#churn = churn;
    this.#index = index;
    this.#api = churn.config.makeApiClient(CoreV1Api);
    this.#random = seededRandom(churn.seed + index);
  }

  async run(): Promise<void> {
    for (let made = 0; ; made++) {
      if (this.#churn.isOver()) return;
      const name = `order-${this.#index}-${Math.floor(this.#random() * NAMES_EACH)}`;
      await this.#untilDone(this.#next(name, made));
      this.#churn.onChange();
    }
  }

  #next(name: string, count: number): () => Promise<unknown> {
    const { namespace } = this.#churn;
    const body: V1ConfigMap = { metadata: { name, labels: { kind: 'order' } }, data: { count: String(count) } };
    if (!this.#present.has(name)) {
      this.#present.add(name);
      return () => this.#api.createNamespacedConfigMap({ namespace, body });
    }
    if (this.#random() < 0.2) {
      this.#present.delete(name);
      return () => this.#api.deleteNamespacedConfigMap({ name, namespace });
    }
    return () => this.#api.replaceNamespacedConfigMap({ name, namespace, body });
  }

  /** A request whose answer was lost may have been served: then it has become impossible, and that is all right. */
  async #untilDone(request: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await request();
        return;
      } catch (error) {
        if (error instanceof ApiException && error.code < 500) {
          if (tries > 0 && (error.code === 404 || error.code === 409)) return;
          throw error;
        }
        await sleep(RETRY_MS);
      }
    }
  }
}
