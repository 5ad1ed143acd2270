/** How a container starts and what it may do: command, variables, user, rights, last words, paths made of variables. */
import type { Container, EnvVar, PodSpec, VolumeMount } from '#api/types/core-v1';
import { FILES } from './file-cases.ts';
import { type PodCase, type PodCases, withVolume } from './pod-case.ts';

const DEMO = 'tutti.local/demo:1';

const env = (value: string): readonly EnvVar[] => [
  { name: 'FOO', value: 'foo' },
  { name: 'BAR', value },
];

/** Of an image that has an entrypoint and a command of its own; process 1 is the entrypoint, if it is kept. */
function started(parts: Pick<Container, 'command' | 'args'>, says: string): PodCase {
  return { script: '', says, spec: { containers: [{ name: 'main', image: DEMO, ...parts }] } };
}

const TELL = 'cat /proc/1/comm; echo given';

function expandedPath(mount: Partial<VolumeMount>): Partial<Container> {
  const folder = { name: 'FOLDER', value: 'made' };
  return {
    env: [folder],
    volumeMounts: [
      { name: 'v', mountPath: '/v', ...mount },
      { name: 'v', mountPath: '/all' },
    ],
  };
}

const EMPTY: Partial<PodSpec> = { volumes: [{ name: 'v', emptyDir: {} }] };

const USERS: Pick<PodCase, 'script' | 'says'> = { script: 'id -u; id -g', says: '1001\n2002' };
const AS = { runAsUser: 1001, runAsGroup: 2002 };

export const CONTAINER_CASES: PodCases = {
  'args-override': started({ args: ['sh', '-c', TELL] }, 'catatonit\ngiven'),
  'command-override': started({ command: ['sh', '-c', TELL] }, 'sh\ngiven'),
  'command-and-args-override': started({ command: ['sh', '-c'], args: [TELL] }, 'sh\ngiven'),
  'stdout-reaches-logs': { script: 'echo hello world', says: 'hello world' },
  'configMap-key-as-env-var': {
    script: 'echo $KEY',
    says: 'value-1',
    container: { env: [{ name: 'KEY', valueFrom: { configMapKeyRef: { name: FILES, key: 'data-1' } } }] },
  },
  'configMap-as-envFrom': {
    script: 'env | grep -E "^(p_)?(good|data)" | sort',
    says: 'good=1\np_good=1',
    container: {
      envFrom: [{ configMapRef: { name: 'variables' } }, { prefix: 'p_', configMapRef: { name: 'variables' } }],
    },
  },
  'secret-key-as-env-var': {
    script: 'echo $KEY',
    says: 'value-1',
    container: { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: FILES, key: 'data-1' } } }] },
  },
  'secret-as-envFrom': {
    script: 'env | grep -E "^(p_)?good" | sort',
    says: 'good=1\np_good=1',
    container: { envFrom: [{ secretRef: { name: 'variables' } }, { prefix: 'p_', secretRef: { name: 'variables' } }] },
  },
  'env-expansion': {
    script: 'echo "$BAR"',
    says: 'foo;;$(FOO);;$(NONE)',
    container: { env: env('$(FOO);;$$(FOO);;$(NONE)') },
  },
  'command-expansion': {
    script: '',
    says: 'expanded foo $(FOO)',
    container: { command: ['sh', '-c', "echo 'expanded $(FOO) $$(FOO)'"], env: env('') },
  },
  'args-expansion': {
    script: '',
    says: 'expanded foo',
    container: { command: ['sh', '-c'], args: ['echo expanded $(FOO)'], env: env('') },
  },
  'subPathExpr-expansion': {
    script: 'touch /v/file; ls /all',
    says: 'made',
    container: expandedPath({ subPathExpr: '$(FOLDER)' }),
    spec: EMPTY,
  },
  'runAsUser-65534': { script: 'id -u', says: '65534', container: { securityContext: { runAsUser: 65_534 } } },
  'container-runAsUser-and-runAsGroup': { ...USERS, container: { securityContext: AS } },
  'pod-runAsUser-and-runAsGroup': { ...USERS, spec: { securityContext: AS } },
  'unprivileged-container': {
    script: 'ip link add dummy0 type dummy 2>&1 || echo refused',
    says: /not permitted[^]*refused$/,
    container: { securityContext: { privileged: false } },
  },
  'read-only-root-fs': {
    script: 'touch /file 2>&1 || echo refused',
    says: /Read-only file system\nrefused$/,
    container: { securityContext: { readOnlyRootFilesystem: true } },
  },
  'writable-root-fs': {
    script: 'touch /file && echo written',
    says: 'written',
    container: { securityContext: { readOnlyRootFilesystem: false } },
  },
  'no-privilege-escalation': {
    script: 'grep NoNewPrivs /proc/self/status',
    says: /^NoNewPrivs:\s+1$/,
    container: { securityContext: { allowPrivilegeEscalation: false, runAsUser: 1000 } },
  },
  'safe-sysctl-applied': {
    script: 'cat /proc/sys/kernel/shm_rmid_forced',
    says: '1',
    spec: { securityContext: { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] } },
  },
  '/etc/hosts-for-pod': {
    script: 'grep named /etc/hosts; hostname -f',
    says: /^\S+\s+named\.below\.default\.svc\.cluster\.local\s+named\nnamed\.below\.default\.svc\.cluster\.local$/,
    spec: { hostname: 'named', subdomain: 'below' },
  },
  hostAliases: {
    script: "grep '^198.18.7.7' /etc/hosts",
    says: /^198\.18\.7\.7\s+foo\s+bar$/,
    spec: { hostAliases: [{ ip: '198.18.7.7', hostnames: ['foo', 'bar'] }] },
  },
  'pod-dnsConfig': {
    script: 'cat /etc/resolv.conf',
    says: 'search resolv.conf.local\nnameserver 198.18.7.8',
    spec: { dnsPolicy: 'None', dnsConfig: { nameservers: ['198.18.7.8'], searches: ['resolv.conf.local'] } },
  },
  'service-env-vars': {
    script:
      'echo $FOR_VARIABLES_SERVICE_HOST $FOR_VARIABLES_SERVICE_PORT $FOR_VARIABLES_PORT_8765_TCP_PORT $FOR_VARIABLES_PORT',
    says: /^(198\.1[89]\.\S+) 8765 8765 tcp:\/\/\1:8765$/,
  },
  'init-containers-restart-Never': withVolume(
    { volume: { emptyDir: {} } },
    {
      script: 'cat /v/log',
      says: 'first\nsecond',
      spec: { initContainers: ['first', 'second'].map(saysInit) },
    },
  ),
};

function saysInit(word: string): Container {
  const volumeMounts = [{ name: 'v', mountPath: '/v' }];
  return { name: word, image: 'busybox:1.36', command: ['sh', '-c', `echo ${word} >> /v/log`], volumeMounts };
}
