/** Discovery documents: the older form, a request a version, and the newer one that tells everything at once. Pure. */
import { createHash } from 'node:crypto';
import type { Verb } from '#api/request';
import type { TypeName } from '../registry/resources.ts';
import { groupVersion, type OfferedGroup, type OfferedResource, type OfferedVersion } from './groups.ts';

export type DiscoveryDocument = {
  readonly kind: string;
  readonly apiVersion?: string;
  readonly [field: string]: unknown;
};

export function apiVersions(core: OfferedGroup | undefined, serverAddress: string): DiscoveryDocument {
  return {
    kind: 'APIVersions',
    versions: (core?.versions ?? []).map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

export function apiGroupList(groups: readonly OfferedGroup[]): DiscoveryDocument {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupFields) };
}

export function apiGroup(group: OfferedGroup): DiscoveryDocument {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(group) };
}

function groupFields({ group, versions }: OfferedGroup): object {
  const offered = versions.map(({ version }) => ({ groupVersion: groupVersion(group, version), version }));
  return { name: group, versions: offered, preferredVersion: offered[0] };
}

export function apiResourceList(group: string, { version, resources }: OfferedVersion): DiscoveryDocument {
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersion(group, version),
    resources: resources.flatMap((resource) => [
      resourceFields(resource),
      ...subresourceFields(resource, { group, version }),
    ]),
  };
}

function resourceFields(resource: OfferedResource): object {
  return {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: sorted(resource.verbs),
    ...names(resource),
    ...(resource.storedAs === undefined ? {} : { storageVersionHash: storageHash(resource.storedAs) }),
  };
}

const HASH_BYTES = 8;

/** Tells clients that migrate stored objects whether the version in which they are kept has changed. */
function storageHash({ group, version, kind }: TypeName): string {
  const digest = createHash('sha256').update(`${group}/${version}/${kind}`).digest();
  return digest.subarray(0, HASH_BYTES).toString('base64');
}

type Version = { readonly group: string; readonly version: string };

function subresourceFields({ plural, namespaced, subresources }: OfferedResource, at: Version): readonly object[] {
  return subresources.map(({ name, type, verbs }) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...(type.group === at.group && type.version === at.version ? {} : { group: type.group, version: type.version }),
    kind: type.kind,
    verbs: sorted(verbs),
  }));
}

function names({ shortNames, categories }: OfferedResource): object {
  return {
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
}

/** `version` is that of the apidiscovery.k8s.io group. */
export function aggregatedDiscovery(groups: readonly OfferedGroup[], version: string): DiscoveryDocument {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: versions.map((offered) => ({
        version: offered.version,
        resources: offered.resources.map((resource) =>
          aggregatedResource(resource, { group, version: offered.version }),
        ),
        freshness: 'Current',
      })),
    })),
  };
}

function aggregatedResource(resource: OfferedResource, { group, version }: Version): object {
  const { plural, kind, namespaced, singular, subresources } = resource;
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: sorted(resource.verbs),
    ...names(resource),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map(({ name, type, verbs }) => ({
            subresource: name,
            responseKind: type,
            verbs: sorted(verbs),
          })),
        }),
  };
}

const sorted = (verbs: readonly Verb[]): readonly Verb[] => verbs.toSorted();
