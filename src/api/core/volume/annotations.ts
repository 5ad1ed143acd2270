/** The annotations by which binder, scheduler and provisioners tell each other how far a claim has come. */

/** On a claim: it is bound; if its volume goes now, its data is lost. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** On a claim or a volume: the controller joined the two, not their author. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

/** On a volume: who made it, and so takes care of its end. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** On a claim: who is to make its volume. The older name is still what some provisioners look for. */
export const PROVISIONERS: readonly string[] = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
];

/** On a claim: the node that its first pod will run on. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
