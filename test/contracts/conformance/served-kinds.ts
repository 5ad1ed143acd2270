/** Every version in which a kind is served, with its sample and the paths of its objects. */
import { KINDS } from '#api/kinds';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition, ServedVersion } from '#api/resource';
import { CLUSTER } from './samples/cluster.ts';
import { CORE } from './samples/core.ts';
import type { Sample, Samples } from './samples/sample.ts';
import { WORKLOADS } from './samples/workloads.ts';

const SAMPLES: Samples = { ...CORE, ...WORKLOADS, ...CLUSTER };

/** Former versions are tried with the sample of the version that is stored, as they say it. */
function sampleOf(definition: ResourceDefinition, { group, version, former, fromStored }: Served): Sample | undefined {
  const sample = SAMPLES[`${group === '' ? version : `${group}/${version}`}/${definition.plural}`];
  const stored = SAMPLES[`${definition.apiVersion}/${definition.plural}`];
  if (sample !== undefined || former === undefined || stored === undefined || fromStored === undefined) return sample;
  const said = (content: object): object => {
    const {
      apiVersion: _,
      kind: _kind,
      metadata: _metadata,
      ...body
    } = fromStored({
      apiVersion: definition.apiVersion,
      kind: definition.kind,
      metadata: { name: 'sample' },
      ...content,
    } as never) as ApiObject;
    return body;
  };
  const { content, contentOf } = stored;
  if (contentOf === undefined) return { ...stored, content: said(content) };
  return { ...stored, content: {}, contentOf: (...place) => said({ ...content, ...contentOf(...place) }) };
}

type Served = Pick<ResourceDefinition, 'group' | 'version'> & Partial<ServedVersion<ApiObject>>;

export type ServedKind = {
  /** `apps/v1/deployments`. */
  readonly key: string;
  readonly definition: ResourceDefinition;
  readonly apiVersion: string;
  readonly group: string;
  readonly version: string;
  readonly sample: Sample | undefined;
  /** `/apis/apps/v1`. */
  readonly root: string;
};

export const SERVED_KINDS: readonly ServedKind[] = KINDS.flatMap((definition) =>
  [definition, ...definition.otherVersions].map((served: Served) => {
    const { group, version } = served;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    const key = `${apiVersion}/${definition.plural}`;
    const root = group === '' ? `/api/${version}` : `/apis/${apiVersion}`;
    return { key, definition, apiVersion, group, version, sample: sampleOf(definition, served), root };
  }),
);

/** Objects of one kind for one test: all carry the same label, which no other test uses. */
export class KindUnderTest {
  readonly kind: ServedKind;
  readonly sample: Sample;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;

  constructor(kind: ServedKind, namespace: string) {
    if (kind.sample === undefined) {
      throw new Error(`Cannot test ${kind.key}: it has no sample in test/contracts/conformance/samples`);
    }
    this.kind = kind;
    this.sample = kind.sample;
    this.namespace = namespace;
    this.labels = { 'test-of': namespace };
  }

  nameOf(suffix: string): string {
    const plain = `${this.namespace}-${suffix}`;
    return this.sample.name?.(plain) ?? plain;
  }

  /** Of the objects in the namespace, if the kind is in namespaces. */
  get collection(): string {
    const { root, definition } = this.kind;
    return definition.namespaced ? `${root}/namespaces/${this.namespace}/${definition.plural}` : this.everywhere;
  }

  get everywhere(): string {
    return `${this.kind.root}/${this.kind.definition.plural}`;
  }

  get selected(): string {
    return `${this.collection}?labelSelector=test-of%3D${this.namespace}`;
  }

  path(suffix: string, subresource = ''): string {
    return `${this.collection}/${this.nameOf(suffix)}${subresource === '' ? '' : `/${subresource}`}`;
  }

  object(suffix: string): object {
    const { definition, apiVersion } = this.kind;
    const name = this.nameOf(suffix);
    return {
      apiVersion,
      kind: definition.kind,
      metadata: { name, labels: this.labels },
      ...this.sample.content,
      ...this.sample.contentOf?.(name, this.namespace),
    };
  }
}
