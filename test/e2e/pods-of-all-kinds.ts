/** Pods that between them use what pods can ask of their node; `folder` is one of the machine's, `nodeName` the node they run on. */
import type { Container } from '#api/types/core-v1';
import { BUSYBOX, NGINX, pod, shell, untilTold } from './pod-manifests.ts';

const SHARED = { volumes: [{ name: 'shared', emptyDir: {} }] };
const IN_SHARED = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
const IN_FOLDER = { volumeMounts: [{ name: 'folder', mountPath: '/folder' }] };
const EACH_SECOND = { periodSeconds: 1, failureThreshold: 2 };
const oneContainer = (script: string, more: Partial<Container> = {}) => ({ containers: [shell(script, more)] });

export function podsThatEnd(): readonly object[] {
  const never = { restartPolicy: 'Never' };
  return [
    pod('done', { ...never, ...oneContainer('echo bye') }),
    pod('failed', {
      ...never,
      containers: [shell('echo last words > /dev/termination-log; exit 4'), shell('exit 0', { name: 'other' })],
    }),
    pod('second-try', {
      ...SHARED,
      restartPolicy: 'OnFailure',
      ...oneContainer('if [ -e /shared/tried ]; then exit 0; fi; touch /shared/tried; exit 1', IN_SHARED),
    }),
    pod('with-sidecar', {
      ...never,
      initContainers: [shell(untilTold(), { name: 'sidecar', restartPolicy: 'Always' })],
      ...oneContainer('exit 0'),
    }),
    pod('deadline', { activeDeadlineSeconds: 2 }),
    pod('greedy', { ...never, ...oneContainer('tail /dev/zero', { resources: { limits: { memory: '20Mi' } } }) }),
  ];
}

export function podsThatFail(nodeName: string): readonly object[] {
  const broken = shell('echo no luck; exit 3', { name: 'broken' });
  const image = (name: string, more = {}) => ({ containers: [{ name: 'main', image: name, ...more }] });
  const mounting = (volume: object) => ({
    volumes: [{ name: 'v', ...volume }],
    ...oneContainer(untilTold(), { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
  });
  return [
    pod('init-fails', { initContainers: [broken] }),
    pod('init-fails-once', { restartPolicy: 'Never', initContainers: [broken] }),
    pod('no-such-name', image('Not a Name')),
    pod('never-pulled', image('nobody/has:this', { imagePullPolicy: 'Never' })),
    pod('not-root', { securityContext: { runAsNonRoot: true } }),
    pod('no-program', image(BUSYBOX, { command: ['no-such-program'] })),
    pod('too-large', { nodeName, ...oneContainer(untilTold(), { resources: { requests: { cpu: '1k' } } }) }),
    pod('no-volume', mounting({ configMap: { name: 'none' } })),
    pod('no-folder', mounting({ hostPath: { path: '/nowhere/at/all', type: 'Directory' } })),
    pod('crashes', {
      ...SHARED,
      containers: [
        shell('date +%s >> /shared/starts; echo run $(date +%s); exit 1', IN_SHARED),
        shell(untilTold(), { name: 'reader', ...IN_SHARED }),
      ],
    }),
    pod(
      'unwell',
      oneContainer('touch /tmp/ok; sleep 2; rm /tmp/ok; exec sleep 600', {
        livenessProbe: { exec: { command: ['cat', '/tmp/ok'] }, ...EACH_SECOND },
      }),
    ),
    pod('no-grpc', {
      containers: [{ name: 'main', image: NGINX, readinessProbe: { grpc: { port: 80 }, ...EACH_SECOND } }],
    }),
  ];
}

export function podsThatRun(folder: string): readonly object[] {
  const web = { name: 'main', image: NGINX, ports: [{ name: 'http', containerPort: 80, hostPort: 8081 }] };
  const inFolder = { volumes: [{ name: 'folder', hostPath: { path: folder, type: 'Directory' } }] };
  const once = { terminationGracePeriodSeconds: 0 };
  return [
    inOrder(folder),
    variables(),
    volumes(),
    pod('probed', {
      containers: [
        {
          ...web,
          startupProbe: { tcpSocket: { port: 'http' }, ...EACH_SECOND },
          livenessProbe: { exec: { command: ['true'] }, ...EACH_SECOND },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' }, ...EACH_SECOND },
        },
      ],
    }),
    pod('talks', {
      containers: [
        shell(`for i in 1 2 3 4 5; do echo line $i; done; ${untilTold()}`),
        shell(`echo said to stderr >&2; ${untilTold()}`, { name: 'other' }),
      ],
    }),
    pod('listens', {
      ...once,
      ...oneContainer('while read line; do echo heard $line; done; sleep 600', { stdin: true }),
    }),
    pod('on-host', { hostNetwork: true }),
    pod('by-name', {
      hostAliases: [{ ip: '198.18.9.9', hostnames: ['friend'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['198.19.0.10'], searches: ['some.where'], options: [{ name: 'ndots', value: '2' }] },
    }),
    pod('together', {
      ...once,
      shareProcessNamespace: true,
      containers: [shell('exec sleep 600'), shell('exec sleep 4321', { name: 'other' })],
    }),
    pod('hooked', {
      ...inFolder,
      terminationGracePeriodSeconds: 10,
      ...oneContainer(untilTold('echo stopped >> /folder/hooked'), {
        ...IN_FOLDER,
        lifecycle: {
          postStart: { exec: { command: ['sh', '-c', 'echo started >> /folder/hooked'] } },
          preStop: { exec: { command: ['sh', '-c', 'sleep 1; echo before the stop >> /folder/hooked'] } },
        },
      }),
    }),
    // As process 1 it hears no signal that it has not asked for.
    pod('stubborn', { terminationGracePeriodSeconds: 600, ...oneContainer('exec sleep 600') }),
  ];
}

function inOrder(folder: string): object {
  const mounts = { volumeMounts: [...IN_SHARED.volumeMounts, ...IN_FOLDER.volumeMounts] };
  const says = (word: string, more: Partial<Container>) => shell(`echo ${word} >> /shared/log`, { ...mounts, ...more });
  const ends = (name: string): string => untilTold(`echo ${name} ends >> /folder/ends`);
  return pod('in-order', {
    volumes: [...SHARED.volumes, { name: 'folder', hostPath: { path: folder } }],
    initContainers: [
      says('first', { name: 'first' }),
      shell(`sleep 1; echo sidecar >> /shared/log; touch /up; ${ends('sidecar')}`, {
        ...mounts,
        name: 'sidecar',
        restartPolicy: 'Always',
        startupProbe: { exec: { command: ['cat', '/up'] }, periodSeconds: 1, failureThreshold: 30 },
      }),
      says('second', { name: 'second' }),
    ],
    containers: [shell(`echo main >> /shared/log; ${ends('main')}`, mounts)],
  });
}

function variables(): object {
  const limits = { memory: '64Mi', cpu: '200m' };
  const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
  return pod('variables', {
    ...oneContainer(untilTold(), {
      resources: { limits },
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'later' } }],
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'later', key: 'a' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'later', key: 'b' } } },
        { name: 'NONE', valueFrom: { secretKeyRef: { name: 'never', key: 'x', optional: true } } },
        { name: 'IP', ...field('status.podIP') },
        { name: 'HOST', ...field('status.hostIP') },
        { name: 'ACCOUNT', ...field('spec.serviceAccountName') },
        { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } } },
        { name: 'SUM', value: '$(A)-$(UNKNOWN)' },
      ],
    }),
  });
}

function volumes(): object {
  const mount = (name: string, mountPath: string, more = {}) => ({ name, mountPath, ...more });
  const field = (path: string, fieldPath: string) => ({ path, fieldRef: { fieldPath } });
  const shown = [
    field('labels', 'metadata.labels'),
    field('note', "metadata.annotations['note']"),
    { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' } },
  ];
  return pod(
    'volumes',
    {
      securityContext: { fsGroup: 2000, runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000] },
      volumes: [
        ...SHARED.volumes,
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
        { name: 'shown', projected: { defaultMode: 0o440, sources: [{ downwardAPI: { items: shown } }] } },
      ],
      containers: [
        shell(`id > /shared/id; ${untilTold()}`, {
          volumeMounts: [
            mount('shared', '/shared'),
            mount('shared', '/part', { subPath: 'a/b' }),
            mount('memory', '/memory'),
            mount('shown', '/shown'),
          ],
          resources: { limits: { cpu: '200m', memory: '64Mi' } },
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
          },
        }),
        shell(untilTold(), { name: 'other', ...IN_SHARED }),
      ],
    },
    { labels: { colour: 'red' }, annotations: { note: 'hello' } },
  );
}
