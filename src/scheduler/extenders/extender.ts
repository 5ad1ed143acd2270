/** Another program that has a say in where pods go (upstream's scheduler extender, v1). */
import type { Pod } from '#api/core/pod';
import type { Node } from '#api/core/node';
import { isJsonObject, type JsonObject } from '#api/meta/json-value';
import { parseGoDuration } from '#api/meta/go-duration';
import { errorMessage } from '#base/errors';
import type { PeerTls } from '#client/https/post-json';
import type { ExtenderConfig } from '../config/types.ts';
import type { Candidate } from '../preemption/candidate.ts';
import { metaVictims, victimsFrom, wholeVictims } from './victims.ts';

export type ExtenderCall = {
  readonly url: string;
  readonly body: unknown;
  readonly timeoutMs: number;
  readonly tls: PeerTls;
  readonly signal: AbortSignal;
};

/** Posts JSON and resolves with the decoded answer; rejects unless the answer is 200. */
export type CallExtender = (call: ExtenderCall) => Promise<unknown>;

export type Filtered = {
  readonly nodes: readonly string[];
  /** Why others were left out, by node. */
  readonly failed: ReadonlyMap<string, { readonly reason: string; readonly resolvable: boolean }>;
};

export class Extender {
  readonly config: ExtenderConfig;
  readonly #call: CallExtender;
  readonly #signal: AbortSignal;
  readonly #managed: ReadonlySet<string>;

  constructor(config: ExtenderConfig, call: CallExtender, signal: AbortSignal) {
    this.config = config;
    this.#call = call;
    this.#signal = signal;
    this.#managed = new Set((config.managedResources ?? []).map(({ name }) => name));
  }

  /** Whether it wants to be asked about the pod. */
  isInterestedIn({ spec }: Pod): boolean {
    if (this.#managed.size === 0) return true;
    return [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources = {} }) =>
      [resources.requests, resources.limits].some((amounts) =>
        Object.keys(amounts ?? {}).some((name) => this.#managed.has(name)),
      ),
    );
  }

  async filter(pod: Pod, nodes: readonly Node[]): Promise<Filtered> {
    const result = objectOf(await this.#ask(this.config.filterVerb, this.#about(pod, nodes)));
    const error = field(result, 'Error');
    if (typeof error === 'string' && error !== '') throw new Error(error);
    const failed = new Map([
      ...failures(field(result, 'FailedNodes'), true),
      ...failures(field(result, 'FailedAndUnresolvableNodes'), false),
    ]);
    return { nodes: this.#known(namesIn(result), nodes), failed };
  }

  /** From 0 to 100 times the extender's weight, by node. */
  async prioritize(pod: Pod, nodes: readonly Node[]): Promise<ReadonlyMap<string, number>> {
    const result = await this.#ask(this.config.prioritizeVerb, this.#about(pod, nodes));
    const { weight = 0 } = this.config;
    const scores = (Array.isArray(result) ? result : []).map((each): [string, number] => {
      const given = objectOf(each);
      return [String(field(given, 'Host')), Number(field(given, 'Score')) * weight * SCALE];
    });
    return new Map(scores);
  }

  /** The candidates that it leaves, with the victims it wants. */
  async preempt(pod: Pod, candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    const { nodeCacheCapable = false } = this.config;
    const victims = nodeCacheCapable
      ? { NodeNameToMetaVictims: metaVictims(candidates) }
      : { NodeNameToVictims: wholeVictims(candidates) };
    const result = objectOf(await this.#ask(this.config.preemptVerb, { Pod: pod, ...victims }));
    return victimsFrom(field(result, 'NodeNameToMetaVictims'), candidates, this.config);
  }

  async bind({ metadata }: Pod, nodeName: string): Promise<void> {
    const { name, namespace, uid } = metadata;
    const body = { PodName: name, PodNamespace: namespace, PodUID: uid, Node: nodeName };
    const error = field(objectOf(await this.#ask(this.config.bindVerb, body)), 'Error');
    if (typeof error === 'string' && error !== '') throw new Error(error);
  }

  #about(pod: Pod, nodes: readonly Node[]): JsonObject {
    return this.config.nodeCacheCapable === true
      ? { Pod: pod, Nodes: null, NodeNames: nodes.map(({ metadata }) => metadata.name) }
      : { Pod: pod, Nodes: { metadata: {}, items: nodes }, NodeNames: null };
  }

  /** It may leave nodes out, not bring new ones. */
  #known(names: readonly string[], nodes: readonly Node[]): readonly string[] {
    const asked = new Set(nodes.map(({ metadata }) => metadata.name));
    const strange = names.find((name) => !asked.has(name));
    if (strange === undefined) return names;
    const [extender, node] = [this.config.urlPrefix, strange].map((text) => JSON.stringify(text));
    throw new Error(`extender ${extender} claims a filtered node ${node} which is not found in the input node list`);
  }

  async #ask(verb: string | undefined, body: unknown): Promise<unknown> {
    const { urlPrefix, tlsConfig = {}, httpTimeout = '0s' } = this.config;
    const url = `${urlPrefix.replace(/\/+$/, '')}/${verb}`;
    const timeoutMs = Number(parseGoDuration(httpTimeout) / 1_000_000n) || DEFAULT_TIMEOUT_MS;
    try {
      return await this.#call({ url, body, timeoutMs, tls: tlsConfig, signal: this.#signal });
    } catch (cause) {
      throw new Error(`failed ${verb} with extender at URL ${url}: ${errorMessage(cause)}`, { cause });
    }
  }
}

// Upstream's figures: extenders score from 0 to 10, plugins from 0 to 100.
const DEFAULT_TIMEOUT_MS = 5000;
const SCALE = 10;

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** Upstream's decoder does not mind how names of fields are cased, and extenders differ. */
function field(object: JsonObject, name: string): unknown {
  if (object[name] !== undefined) return object[name];
  const key = Object.keys(object).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

function namesIn(result: JsonObject): readonly string[] {
  const names = field(result, 'NodeNames');
  if (Array.isArray(names)) return names.map(String);
  const items = field(objectOf(field(result, 'Nodes')), 'items');
  return (Array.isArray(items) ? items : []).map((item) => String(objectOf(objectOf(item)['metadata'])['name']));
}

function failures(map: unknown, resolvable: boolean): [string, { reason: string; resolvable: boolean }][] {
  return Object.entries(objectOf(map)).map(([node, reason]) => [node, { reason: String(reason), resolvable }]);
}
