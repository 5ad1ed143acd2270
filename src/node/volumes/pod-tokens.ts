/** The tokens of pods' service accounts: asked for when a volume shows them, and again long before they expire. */
import type { Pod } from '#api/core/pod';
import { ServiceAccount } from '#api/core/service-account';
import { parseTime } from '#api/meta/time';
import type { TokenRequest } from '#api/types/authentication-v1';
import type { ServiceAccountTokenProjection } from '#api/types/core-v1';
import { onAbort } from '#base/abort';
import { errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import type { Timer, World } from '#base/world';
import type { Client } from '#client/client';

export type PodTokensOptions = {
  readonly client: Client;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** A token of the pod is to be asked for again. */
  readonly onDue: (podUid: string) => void;
};

/** What volumes ask for tokens. */
export type TokenSource = Pick<PodTokens, 'get' | 'release'>;

type Held = { readonly token: string; readonly expiresAtMs: number; readonly dueAtMs: number };

type Wish = { readonly audience: string; readonly expirationSeconds: number };

const DEFAULT_SECONDS = 3600;
// A new token is asked for when a fifth of the old one's life is left, and every day in any case.
const USED_SHARE = 0.8;
const MOST_MS = 24 * 3_600_000;
// Nodes whose pods were started together must not all ask at once.
const SPREAD_MS = 10_000;
const RETRY_MS = 30_000;

export class PodTokens {
  readonly #options: PodTokensOptions;
  readonly #held = new Map<string, Map<string, Held>>();
  readonly #timers = new Map<string, Timer>();

  constructor(options: PodTokensOptions) {
    this.#options = options;
    onAbort(options.signal, () => {
      for (const timer of this.#timers.values()) timer[Symbol.dispose]();
      this.#timers.clear();
    });
  }

  /** One that is good for a while. */
  async get(pod: Pod, source: ServiceAccountTokenProjection, signal: AbortSignal): Promise<string> {
    const held = this.#heldBy(pod.metadata.uid);
    const { audience = '', expirationSeconds = DEFAULT_SECONDS } = source;
    const key = JSON.stringify([audience, expirationSeconds]);
    const known = held.get(key);
    if (known !== undefined && this.#options.world.clock.now() < known.dueAtMs) return known.token;
    const next = await this.#ask(pod, { audience, expirationSeconds }, signal).catch((error: unknown) =>
      this.#keep(pod, known, error),
    );
    held.set(key, next);
    this.#wakeFor(pod.metadata.uid);
    return next.token;
  }

  #heldBy(podUid: string): Map<string, Held> {
    const held = this.#held.get(podUid) ?? new Map<string, Held>();
    this.#held.set(podUid, held);
    return held;
  }

  /** A token that could not be renewed is used while it is good. */
  #keep({ metadata }: Pod, known: Held | undefined, error: unknown): Held {
    const { world, logger } = this.#options;
    const nowMs = world.clock.now();
    if (known === undefined || known.expiresAtMs <= nowMs) throw error;
    logger.warn('a token could not be renewed', { pod: metadata.name, why: errorMessage(error) });
    return { ...known, dueAtMs: nowMs + RETRY_MS };
  }

  release(podUid: string): void {
    this.#held.delete(podUid);
    this.#timers.get(podUid)?.[Symbol.dispose]();
    this.#timers.delete(podUid);
  }

  async #ask(pod: Pod, { audience, expirationSeconds }: Wish, signal: AbortSignal): Promise<Held> {
    const { client, world } = this.#options;
    const { name, namespace, uid } = pod.metadata;
    const spec = {
      audiences: audience === '' ? [] : [audience],
      expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    };
    const ref = { namespace, name: pod.spec.serviceAccountName ?? '' };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec };
    const answer = await client.createSubresource(ServiceAccount, { ref, subresource: 'token', body }, { signal });
    const { status = {} } = answer as Partial<TokenRequest>;
    const nowMs = world.clock.now();
    const expiresAtMs = parseTime(status.expirationTimestamp) ?? nowMs + expirationSeconds * 1000;
    const lifeMs = Math.min((expiresAtMs - nowMs) * USED_SHARE, MOST_MS) - world.random() * SPREAD_MS;
    // By a clock that is far ahead of the server's every token is over already: that is no reason to ask without end.
    return { token: status.token ?? '', expiresAtMs, dueAtMs: nowMs + Math.max(RETRY_MS, lifeMs) };
  }

  /** At the time when the first of the pod's tokens is due. */
  #wakeFor(podUid: string): void {
    const { world, signal, onDue } = this.#options;
    const due = [...(this.#held.get(podUid)?.values() ?? [])].map(({ dueAtMs }) => dueAtMs);
    this.#timers.get(podUid)?.[Symbol.dispose]();
    if (due.length === 0 || signal.aborted) return;
    const inMs = Math.max(0, Math.min(...due) - world.clock.now());
    this.#timers.set(
      podUid,
      world.clock.setTimer(inMs, () => onDue(podUid)),
    );
  }
}
