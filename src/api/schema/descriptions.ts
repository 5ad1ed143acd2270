/** What messages and fields are for, in our words: `kubectl explain` prints it. Not every field has a text. */
import { BATCH } from './descriptions/batch.ts';
import { CLUSTER } from './descriptions/cluster.ts';
import { CONTAINER } from './descriptions/container.ts';
import { META } from './descriptions/meta.ts';
import { NETWORK } from './descriptions/network.ts';
import { POD } from './descriptions/pod.ts';
import { SETS } from './descriptions/sets.ts';
import { STORAGE } from './descriptions/storage.ts';
import { WORKLOADS } from './descriptions/workloads.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';

/** By message (`core.v1.Pod`), then by field; the message's own text stands under `''`. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const PAGES: Descriptions = {
  ...META,
  ...CLUSTER,
  ...POD,
  ...CONTAINER,
  ...WORKLOADS,
  ...SETS,
  ...BATCH,
  ...NETWORK,
  ...STORAGE,
};

// What these mean is the same for every kind.
const OF_EVERY_KIND: Readonly<Record<string, string>> = {
  apiVersion: 'The version of the API that this object is written in, such as v1 or apps/v1.',
  kind: 'The kind of this object. The server tells from it, together with apiVersion, what fields there are.',
  metadata: 'The name, the labels and whatever else every object has.',
  spec: 'What is wanted. You write it, and the cluster works towards it.',
  status: 'What the cluster last saw. The cluster writes it; it may be behind.',
};

export function describeMessage({ name }: MessageSchema): string | undefined {
  return find(name, '');
}

export function describeField({ name, kind }: MessageSchema, field: FieldSchema): string | undefined {
  return (
    find(name, field.name) ??
    (kind !== undefined && Object.hasOwn(OF_EVERY_KIND, field.name) ? OF_EVERY_KIND[field.name] : undefined)
  );
}

function find(messageName: string, field: string): string | undefined {
  const page = messageName.replace(/^k8s\.io\.(?:api|apimachinery\.pkg\.(?:apis|api|util))\./, '');
  const fields = Object.hasOwn(PAGES, page) ? PAGES[page] : undefined;
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}
