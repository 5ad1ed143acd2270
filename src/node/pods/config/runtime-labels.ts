/** The labels and annotations by which a pod's sandboxes and containers are known again after a restart of the agent. */
import type { Pod } from '#api/core/pod';

const POD_NAME = 'io.kubernetes.pod.name';
const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
export const POD_UID = 'io.kubernetes.pod.uid';
export const CONTAINER_NAME = 'io.kubernetes.container.name';

export const CONTAINER_HASH = 'io.kubernetes.container.hash';
export const RESTART_COUNT = 'io.kubernetes.container.restartCount';
export const TERMINATION_MESSAGE_PATH = 'io.kubernetes.container.terminationMessagePath';
export const TERMINATION_MESSAGE_POLICY = 'io.kubernetes.container.terminationMessagePolicy';
/** Where the termination message is on this machine. */
export const TERMINATION_MESSAGE_FILE = 'tutti.io/termination-message-file';
export const POD_GRACE_PERIOD = 'io.kubernetes.pod.terminationGracePeriod';

type Strings = Readonly<Record<string, string>>;

export function podLabels({ metadata }: Pod): Strings {
  return {
    ...metadata.labels,
    [POD_NAME]: metadata.name,
    [POD_NAMESPACE]: metadata.namespace ?? '',
    [POD_UID]: metadata.uid,
  };
}

export function containerLabels({ metadata }: Pod, name: string): Strings {
  return {
    [CONTAINER_NAME]: name,
    [POD_NAME]: metadata.name,
    [POD_NAMESPACE]: metadata.namespace ?? '',
    [POD_UID]: metadata.uid,
  };
}
