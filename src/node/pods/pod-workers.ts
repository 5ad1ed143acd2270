/** One worker for every pod bound to this node, and for every pod that is left of earlier times. */
import type { Pod } from '#api/core/pod';
import type { Informer } from '#client/informer';
import type { SandboxSummary } from '../runtime/sandbox.ts';
import type { AgentContext } from './agent-context.ts';
import { POD_GRACE_PERIOD } from './config/runtime-labels.ts';
import { planAdmission, type Refusal } from './plan/plan-admission.ts';
import { Room } from './plan/room.ts';
import type { PodProbes } from './pod-probes.ts';
import { PodWorker, type PodWorkerContext } from './pod-worker.ts';

export type PodWorkersOptions = {
  readonly agent: AgentContext;
  readonly pods: Informer<Pod>;
  readonly probes: PodProbes;
  readonly signal: AbortSignal;
};

export class PodWorkers {
  readonly #options: PodWorkersOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #room = new Room();
  readonly #context: PodWorkerContext;

  constructor(options: PodWorkersOptions) {
    this.#options = options;
    const { agent, probes, signal } = options;
    const onFinished = (podUid: string): void => void this.#workers.delete(podUid);
    this.#context = { agent, probes, signal, room: this.#room, onFinished };
  }

  /** Call it when both the runtime and the API have told what there is: what one side lacks is then really missing. */
  start(): Disposable {
    const { agent, pods } = this.#options;
    const subscription = pods.subscribe(({ before, after }) => {
      if (before !== undefined && before.metadata.uid !== after?.metadata.uid) {
        this.#workers.get(before.metadata.uid)?.gone();
      }
      if (after !== undefined) this.#take(after);
    });
    for (const [uid, sandbox] of agent.watch.pods()) {
      if (!this.#workers.has(uid)) this.#add(podLeftBehind(agent, uid, sandbox)).gone();
    }
    return {
      [Symbol.dispose]: () => {
        subscription[Symbol.dispose]();
        for (const worker of this.#workers.values()) worker.stop();
      },
    };
  }

  wake(podUid: string): void {
    this.#workers.get(podUid)?.wake();
  }

  /** The runtime shows something new of a pod, of what is known under an operation's key. */
  changed(podUid: string, key: string): void {
    this.#workers.get(podUid)?.changed(key);
  }

  get(podUid: string): PodWorker | undefined {
    return this.#workers.get(podUid);
  }

  find(namespace: string, name: string): PodWorker | undefined {
    const uid = this.#options.pods.get({ namespace, name })?.metadata.uid;
    return uid === undefined ? undefined : this.#workers.get(uid);
  }

  all(): Iterable<PodWorker> {
    return this.#workers.values();
  }

  #take(pod: Pod): void {
    const known = this.#workers.get(pod.metadata.uid);
    if (known !== undefined) return known.update(pod);
    const refusal = this.#refusalOf(pod);
    const worker = this.#add(pod);
    if (refusal === undefined) return worker.wake();
    this.#options.agent.events.report(pod, { type: 'Warning', ...refusal });
    worker.end(refusal);
  }

  /** Why a pod that is new to the node cannot stay. */
  #refusalOf(pod: Pod): Refusal | undefined {
    const { agent } = this.#options;
    const isKnown = pod.status?.startTime !== undefined || agent.watch.view(pod.metadata.uid).sandboxes.length > 0;
    if (isKnown || pod.metadata.deletionTimestamp !== undefined) return undefined;
    return planAdmission({ pod, taken: this.#room, allocatable: agent.node.allocatable });
  }

  #add(pod: Pod): PodWorker {
    const worker = new PodWorker(pod, this.#context);
    this.#workers.set(pod.metadata.uid, worker);
    return worker;
  }
}

/** What can still be told of a pod whose object is gone: enough to take it down. */
function podLeftBehind(agent: AgentContext, uid: string, sandbox: SandboxSummary | undefined): Pod {
  const names = new Set(agent.watch.view(uid).containers.map(({ name }) => name));
  const seconds = Number(sandbox?.annotations[POD_GRACE_PERIOD] ?? '');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: sandbox?.metadata.name ?? uid,
      namespace: sandbox?.metadata.namespace ?? '',
      uid,
      resourceVersion: '0',
      creationTimestamp: '',
    },
    spec: {
      containers: [...names].map((name) => ({ name })),
      nodeName: agent.node.name,
      ...(seconds > 0 ? { terminationGracePeriodSeconds: seconds } : {}),
    },
  };
}
