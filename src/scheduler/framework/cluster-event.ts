/** A change of the cluster that may make a refused pod fit. */
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';

export type ClusterEvent =
  | { readonly kind: 'NodeAdded'; readonly node: Node }
  | { readonly kind: 'NodeChanged'; readonly before: Node; readonly node: Node }
  /** A pod that has a node, or got one. */
  | { readonly kind: 'PodAdded'; readonly pod: Pod }
  /** A pod that has a node: its labels, its resources or its end changed. */
  | { readonly kind: 'PodChanged'; readonly before: Pod; readonly pod: Pod }
  /** A pod that had a node is gone, or has ended. */
  | { readonly kind: 'PodRemoved'; readonly pod: Pod }
  /** The pod itself, which waits, changed. */
  | { readonly kind: 'OwnChange'; readonly before: Pod; readonly pod: Pod }
  | {
      readonly kind: 'NamespaceChanged';
      readonly name: string;
      readonly before: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
    }
  /** Something about claims, volumes, storage classes or the drivers on nodes. */
  | { readonly kind: 'StorageChanged' }
  /** A driver has room for larger volumes somewhere, or keeps no count of it any more. */
  | { readonly kind: 'StorageFreed' }
  /** Something about claims to devices, their classes, or what drivers offer. */
  | { readonly kind: 'DevicesChanged' };
