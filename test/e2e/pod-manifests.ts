/** Short ways to write the pods that tests apply. */
import type { Container, PodSpec } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';

export const BUSYBOX = 'busybox:1.36';
export const NGINX = 'nginx:1.20';

/** A shell script as a container. */
export function shell(script: string, more: Partial<Container> = {}): Container {
  return { name: 'main', image: BUSYBOX, command: ['sh', '-c', script], ...more };
}

/** Ends as soon as it is told to, after its last words. */
export const untilTold = (lastWords = 'true'): string =>
  `trap '${lastWords}; exit 0' TERM; while true; do sleep 0.1; done`;

export function pod(name: string, spec: Partial<PodSpec>, metadata: Partial<ObjectMeta> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { terminationGracePeriodSeconds: 5, containers: [shell(untilTold())], ...spec },
  };
}
