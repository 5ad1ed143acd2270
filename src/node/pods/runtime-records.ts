/** What is known of a sandbox or a container: the runtime's own word, read as plans want it. A node has many, so they repeat nothing of it. */
import type { ContainerState, ContainerStatus } from '../runtime/container.ts';
import type { SandboxSummary } from '../runtime/sandbox.ts';
import { CONTAINER_HASH, CONTAINER_NAME, RESTART_COUNT } from './config/runtime-labels.ts';
import type { ContainerView, SandboxView } from './plan/pod-state.ts';

export class SandboxRecord implements SandboxView {
  readonly summary: SandboxSummary;
  readonly ips: readonly string[];

  constructor(summary: SandboxSummary, ips: readonly string[]) {
    this.summary = summary;
    this.ips = ips;
  }

  get id(): string {
    return this.summary.id;
  }

  get attempt(): number {
    return this.summary.metadata.attempt;
  }

  get ready(): boolean {
    return this.summary.state === 'Ready';
  }

  get createdAtMs(): number {
    return this.summary.createdAtMs;
  }
}

export class ContainerRecord implements ContainerView {
  readonly name: string;
  readonly restartCount: number;
  readonly #status: ContainerStatus;
  readonly #message: string;

  constructor(status: ContainerStatus, message: string) {
    const { labels, annotations, metadata } = status;
    this.name = labels[CONTAINER_NAME] ?? metadata.name;
    this.restartCount = Number(annotations[RESTART_COUNT] ?? metadata.attempt);
    this.#status = status;
    this.#message = message;
  }

  get id(): string {
    return this.#status.id;
  }

  get sandboxId(): string {
    return this.#status.sandboxId;
  }

  get hash(): string {
    return this.#status.annotations[CONTAINER_HASH] ?? '';
  }

  get state(): ContainerState {
    return this.#status.state;
  }

  get image(): string {
    return this.#status.image;
  }

  get imageRef(): string {
    return this.#status.imageRef;
  }

  get logPath(): string {
    return this.#status.logPath;
  }

  get createdAtMs(): number {
    return this.#status.createdAtMs;
  }

  get startedAtMs(): number | undefined {
    return this.#status.startedAtMs;
  }

  get finishedAtMs(): number | undefined {
    return this.#status.finishedAtMs;
  }

  get exitCode(): number | undefined {
    return this.#status.exitCode;
  }

  get reason(): string | undefined {
    return this.#status.reason;
  }

  get message(): string | undefined {
    return this.#message === '' ? undefined : this.#message;
  }
}
