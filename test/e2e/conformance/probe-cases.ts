/** Containers that are probed: which are restarted, and which are ready. */
import type { Probe } from '#api/types/core-v1';

export type ProbeCase = {
  readonly liveness?: Probe;
  readonly readiness?: Probe;
  readonly restarts: 'none' | 'some';
  readonly ready: boolean;
};

const OFTEN = { periodSeconds: 1, failureThreshold: 2 };
const passes = (liveness: Probe): ProbeCase => ({ liveness: { ...OFTEN, ...liveness }, restarts: 'none', ready: true });
const fails = (liveness: Probe): ProbeCase => ({ liveness: { ...OFTEN, ...liveness }, restarts: 'some', ready: false });

/** Of nginx, which listens at port 80; by the name of a row, with hyphens for its blanks. */
export const PROBE_CASES: Readonly<Record<string, ProbeCase>> = {
  'HTTP-liveness-passes': passes({ httpGet: { path: '/health', port: 80 } }),
  'TCP-liveness-passes': passes({ tcpSocket: { port: 80 } }),
  'exec-liveness-passes': passes({ exec: { command: ['cat', '/etc/nginx/mime.types'] } }),
  'HTTP-liveness-failure-restarts': fails({ httpGet: { path: '/nowhere', port: 80 } }),
  'gRPC-liveness-failure-restarts': fails({ grpc: { port: 81 } }),
  'exec-liveness-failure-restarts': fails({ exec: { command: ['cat', '/nothing'] } }),
  'readiness-initial-delay': {
    readiness: { ...OFTEN, httpGet: { path: '/', port: 80 }, initialDelaySeconds: 5 },
    restarts: 'none',
    ready: true,
  },
  'failing-readiness-never-ready': {
    readiness: { ...OFTEN, exec: { command: ['false'] } },
    restarts: 'none',
    ready: false,
  },
};
