/** What the tests of every kind need to know of one: an object that may be made, and a status that may be reported. */

export type Sample = {
  /** The object without metadata, apiVersion and kind. */
  readonly content: object;
  /** For kinds that are named otherwise than any. */
  readonly name?: (suffix: string) => string;
  /** A status as the kind's controller may report it; every kind with a status has one. */
  readonly status?: object;
  /** What keeps a deleted object: it goes once its finalizers have. */
  readonly held?: 'finalizers' | 'namespace';
  /** Whether the server has done to a new object what it does by itself. */
  readonly settled?: (object: object) => boolean;
  /** What depends on the name. */
  readonly contentOf?: (name: string, namespace: string) => object;
};

/** By `apiVersion/plural`. */
export type Samples = Readonly<Record<string, Sample>>;

export const LABELS = { app: 'sample' };
export const TEMPLATE = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } };
export const SELECTOR = { matchLabels: LABELS };
