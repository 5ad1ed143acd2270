/** Facts that CRI does not report are kept as annotations of our own, beside the caller's and never shown to it. */

export const INTERNAL = {
  /** The cgroup a sandbox was given. */
  cgroupParent: 'tutti.internal/cgroup-parent',
  /** The image as the user named it: older runtimes answer with its id. */
  userImage: 'tutti.internal/image',
  /** A container's status does not name its sandbox. */
  sandboxId: 'tutti.internal/sandbox-id',
} as const;

const PREFIX = 'tutti.internal/';

export function withoutInternal(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.freeze(Object.fromEntries(Object.entries(annotations).filter(([name]) => !name.startsWith(PREFIX))));
}
