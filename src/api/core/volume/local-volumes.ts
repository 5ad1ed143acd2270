/** Volumes that a node keeps in a directory of its own: what controller, scheduler and agent must agree on. */

/** The storage class that every cluster has. */
export const LOCAL_CLASS = 'local';

export const LOCAL_PROVISIONER = 'tutti.dev/local';

/** On a node: where it keeps them. A node without it has none. */
export const VOLUMES_DIRECTORY = 'tutti.dev/volumes-directory';

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
