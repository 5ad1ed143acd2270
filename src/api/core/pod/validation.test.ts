import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newPod, newPodWith } from '#test/builders/kinds';
import type { Container, PodSpec, Volume } from '../../types/core-v1.ts';
import { Pod } from '../pod.ts';

type Case = readonly [what: string, pod: Pod, errors: readonly string[]];

const C = 'spec.containers[0]';

const ofContainer = (what: string, container: Partial<Container>, errors: readonly string[]): Case => [
  what,
  newPodWith(container),
  errors,
];
const ofSpec = (what: string, spec: Partial<PodSpec>, errors: readonly string[]): Case => [what, newPod(spec), errors];
const ofVolume = (what: string, volume: Partial<Volume>, errors: readonly string[]): Case =>
  ofSpec(what, { volumes: [{ name: 'data', ...volume }] }, errors);

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const CONTAINERS: readonly Case[] = [
  ['a plain pod', newPod(), []],
  ofSpec('no container', { containers: [] }, ['spec.containers: Required value']),
  ofContainer('no image', { image: '' }, [`${C}.image: Required value`]),
  ofContainer('a padded image', { image: ' nginx' }, [
    `${C}.image: Invalid value: " nginx": must not have leading or trailing whitespace`,
  ]),
  ofContainer('a bad container name', { name: 'Web' }, [`${C}.name: Invalid value: "Web": ${LABEL}`]),
  ofSpec('two containers of one name', { containers: [named('a'), named('a')] }, [
    'spec.containers[1].name: Duplicate value: "a"',
  ]),
  ofContainer('a bad pull policy', { imagePullPolicy: 'Sometimes' }, [
    `${C}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
  ]),
  ofContainer('a bad message policy', { terminationMessagePolicy: 'Log' }, [
    `${C}.terminationMessagePolicy: Unsupported value: "Log": supported values: "File", "FallbackToLogsOnError"`,
  ]),
  ofContainer('a restart policy of its own', { restartPolicy: 'Always' }, [
    `${C}.restartPolicy: Forbidden: may not be set for non-init containers`,
  ]),
  ofSpec('a bad restart policy', { restartPolicy: 'Sometimes' }, [
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ]),
  ofSpec(
    'an init container that restarts on failure',
    { initContainers: [{ ...named('i'), restartPolicy: 'OnFailure' }] },
    ['spec.initContainers[0].restartPolicy: Unsupported value: "OnFailure": supported values: "Always"'],
  ),
  ofSpec(
    'an init container with a probe',
    { initContainers: [{ ...named('i'), readinessProbe: { exec: { command: ['x'] } } }] },
    [
      'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ),
  ofSpec(
    'a sidecar with a probe',
    { initContainers: [{ ...named('i'), restartPolicy: 'Always', readinessProbe: { exec: { command: ['x'] } } }] },
    [],
  ),
  ofSpec('an init container named as a container', { initContainers: [named('web')] }, [
    'spec.initContainers[0].name: Duplicate value: "web"',
  ]),
  ofSpec('an ephemeral container at creation', { ephemeralContainers: [{ ...named('e'), targetContainerName: 'x' }] }, [
    'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ]),
  ofContainer('a resize policy for disks', { resizePolicy: [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] }, [
    `${C}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"`,
  ]),
];

const PORTS: readonly Case[] = [
  ofContainer('a port out of range', { ports: [{ containerPort: 70_000 }] }, [
    `${C}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
  ]),
  ofContainer('no port number', { ports: [{ containerPort: 0 }] }, [`${C}.ports[0].containerPort: Required value`]),
  ofContainer('a bad port name', { ports: [{ containerPort: 80, name: '80--http' }] }, [
    `${C}.ports[0].name: Invalid value: "80--http": must not contain consecutive hyphens`,
  ]),
  ofContainer('two ports of one name', { ports: [port('http', 80), port('http', 81)] }, [
    `${C}.ports[1].name: Duplicate value: "http"`,
  ]),
  ofContainer('a bad protocol', { ports: [{ containerPort: 80, protocol: 'ICMP' }] }, [
    `${C}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
  ]),
  ofContainer(
    'one host port twice',
    {
      ports: [
        { ...port('a', 80), hostPort: 8080 },
        { ...port('b', 81), hostPort: 8080 },
      ],
    },
    [`${C}.ports[1].hostPort: Duplicate value: "TCP//8080"`],
  ),
  [
    'another host port on the host network',
    newPodWith({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
    [`${C}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`],
  ],
];

const ENVIRONMENT: readonly Case[] = [
  ofContainer('a nameless variable', { env: [{ name: '' }] }, [`${C}.env[0].name: Required value`]),
  ofContainer('a variable named with =', { env: [{ name: 'A=B', value: 'x' }] }, [
    `${C}.env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
  ]),
  ofContainer('a variable from nowhere', { env: [{ name: 'A', valueFrom: {} }] }, [
    `${C}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``,
  ]),
  ofContainer(
    'a variable with value and source',
    { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    [`${C}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`],
  ),
  ofContainer(
    'a field that is no field',
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nam' } } }] },
    [
      `${C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.nam": error converting fieldPath: field label not supported: metadata.nam`,
    ],
  ),
  ofContainer(
    'a field that is not for variables',
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] },
    [
      `${C}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
    ],
  ),
  ofContainer(
    'one label',
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }] },
    [],
  ),
  ofContainer(
    'a resource without divisor of its kind',
    { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1Mi' } } }] },
    [
      `${C}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
    ],
  ),
  ofContainer(
    'a key of a config map that is no key',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: '..' } } }] },
    [`${C}.env[0].valueFrom.configMapKeyRef.key: Invalid value: "..": must not be '..'`],
  ),
  ofContainer('an environment from nowhere', { envFrom: [{}] }, [
    `${C}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
  ]),
];

const RESOURCES: readonly Case[] = [
  ofContainer('more requested than allowed', { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }, [
    `${C}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
  ]),
  ofContainer('an unknown resource', { resources: { limits: { gpu: '1' } } }, [
    `${C}.resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`,
    `${C}.resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
    `${C}.resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`,
    `${C}.resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
  ]),
  ofContainer('a negative amount', { resources: { requests: { memory: '-1' } } }, [
    `${C}.resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0`,
  ]),
  ofContainer('a part of a device', { resources: { limits: { 'example.com/gpu': '500m' } } }, [
    `${C}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
    `${C}.resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
  ]),
  ofContainer('a device without limit', { resources: { requests: { 'example.com/gpu': '1' } } }, [
    `${C}.resources.limits: Required value: Limit must be set for non overcommitable resources`,
  ]),
  ofContainer('huge pages alone', { resources: { limits: { 'hugepages-2Mi': '3Mi' } } }, [
    `${C}.resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
    `${C}.resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
    `${C}.resources: Forbidden: HugePages require cpu or memory`,
  ]),
  ofContainer('a claim that the pod does not have', { resources: { claims: [{ name: 'gpu' }] } }, [
    `${C}.resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty`,
  ]),
  [
    'less for the pod than for its containers',
    newPodWith({ resources: { requests: { cpu: '2' } } }, { resources: { requests: { cpu: '1' } } }),
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
  ],
];

const MOUNTED = { volumes: [{ name: 'data', emptyDir: {} }] };

const VOLUMES: readonly Case[] = [
  ofContainer('a mount of no volume', { volumeMounts: [{ name: 'data', mountPath: '/data' }] }, [
    `${C}.volumeMounts[0].name: Not found: "data"`,
  ]),
  [
    'two mounts in one place',
    newPodWith(
      {
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'data', mountPath: '/data' },
        ],
      },
      MOUNTED,
    ),
    [`${C}.volumeMounts[1].mountPath: Invalid value: "/data": must be unique`],
  ],
  [
    'a sub-path upwards',
    newPodWith({ volumeMounts: [{ name: 'data', mountPath: '/data', subPath: '../x' }] }, MOUNTED),
    [`${C}.volumeMounts.subPath: Invalid value: "../x": must not contain '..'`],
  ],
  [
    'a bidirectional mount without privileges',
    newPodWith({ volumeMounts: [{ name: 'data', mountPath: '/data', mountPropagation: 'Bidirectional' }] }, MOUNTED),
    [
      `${C}.volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
    ],
  ],
  ofSpec(
    'two volumes of one name',
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'a', emptyDir: {} },
      ],
    },
    ['spec.volumes[1].name: Duplicate value: "a"'],
  ),
  ofVolume('two sources', { emptyDir: {}, hostPath: { path: '/x' } }, [
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ]),
  ofVolume('a host path upwards', { hostPath: { path: '/a/../b' } }, [
    `spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
  ]),
  ofVolume('a host path of no type', { hostPath: { path: '/a', type: 'Door' } }, [
    'spec.volumes[0].hostPath.type: Unsupported value: "Door": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
  ]),
  ofVolume('a secret without name', { secret: { defaultMode: 0o1000 } }, [
    'spec.volumes[0].secret.secretName: Required value',
    'spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
  ]),
  ofVolume('an item with an absolute path', { configMap: { name: 'c', items: [{ key: 'k', path: '/x' }] } }, [
    'spec.volumes[0].configMap.items[0].path: Invalid value: "/x": must be a relative path',
  ]),
  ofVolume('a file of nothing', { downwardAPI: { items: [{ path: 'x' }] } }, [
    'spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
  ]),
  ofVolume(
    'two projections to one path',
    {
      projected: {
        sources: [
          { secret: { name: 's', items: [{ key: 'k', path: 'x' }] } },
          { configMap: { name: 'c', items: [{ key: 'k', path: 'x' }] } },
        ],
      },
    },
    ['spec.volumes[0].projected: Invalid value: "c": conflicting duplicate paths'],
  ),
  ofVolume('a token without account', { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }, [
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ]),
  ofVolume(
    'a claim template without storage',
    { ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } },
    ['spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value'],
  ),
  ofVolume('a network share without path', { nfs: { server: 's', path: '' } }, [
    'spec.volumes[0].nfs.path: Required value',
    'spec.volumes[0].nfs.path: Invalid value: "": must be an absolute path',
  ]),
];

const PROBES: readonly Case[] = [
  ofContainer('a probe of nothing', { livenessProbe: {} }, [
    `${C}.livenessProbe: Required value: must specify a handler type`,
  ]),
  ofContainer('a probe of two things', { readinessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 80 } } }, [
    `${C}.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`,
  ]),
  ofContainer(
    'a liveness probe with two successes',
    { livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } },
    [`${C}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
  ),
  ofContainer(
    'a probe that waits a negative time',
    { startupProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: -1 } },
    [`${C}.startupProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0`],
  ),
  ofContainer('a probe by a bad scheme', { livenessProbe: { httpGet: { port: 80, scheme: 'FTP' } } }, [
    `${C}.livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`,
  ]),
  ofContainer(
    'a readiness probe with a grace period',
    { readinessProbe: { grpc: { port: 80 }, terminationGracePeriodSeconds: 5 } },
    [`${C}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`],
  ),
  ofContainer('a hook that sleeps too long', { lifecycle: { preStop: { sleep: { seconds: 60 } } } }, [
    `${C}.lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)`,
  ]),
  ofContainer('a hook without command', { lifecycle: { postStart: { exec: {} } } }, [
    `${C}.lifecycle.postStart.exec.command: Required value`,
  ]),
];

const SECURITY: readonly Case[] = [
  ofContainer('a negative user', { securityContext: { runAsUser: -1 } }, [
    `${C}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`,
  ]),
  ofContainer(
    'privileges without escalation',
    { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    [
      `${C}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ),
  ofContainer('a seccomp profile of no type', { securityContext: { seccompProfile: { type: 'Mine' } } }, [
    `${C}.securityContext.seccompProfile.type: Unsupported value: "Mine": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
  ]),
  ofSpec('a bad change policy', { securityContext: { fsGroupChangePolicy: 'Never' } }, [
    'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"',
  ]),
  ofSpec(
    'a network sysctl on the host network',
    { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } },
    [
      `spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when 'hostNetwork' is true`,
    ],
  ),
  ofSpec('own users on the host network', { hostUsers: false, hostNetwork: true }, [
    'spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false',
  ]),
  ofSpec('Linux rights on Windows', { os: { name: 'windows' }, securityContext: { runAsUser: 1 } }, [
    'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
  ]),
  ofSpec('an unknown operating system', { os: { name: 'plan9' } }, [
    'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"',
  ]),
];

const PLACEMENT: readonly Case[] = [
  ofSpec('a toleration of everything by equality', { tolerations: [{ operator: 'Equal' }] }, [
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ]),
  ofSpec(
    'toleration seconds without eviction',
    { tolerations: [{ key: 'a', operator: 'Exists', tolerationSeconds: 5, effect: 'NoSchedule' }] },
    [
      `spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
    ],
  ),
  ofSpec('a toleration with a bad effect', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'Never' }] }, [
    'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ]),
  ofSpec(
    'node affinity without terms',
    { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
  ),
  ofSpec(
    'pod affinity without topology',
    {
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {}, topologyKey: '' }] },
      },
    },
    [
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
      `spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty`,
      `spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
  ),
  ofSpec(
    'a weight beyond 100',
    {
      affinity: {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, preference: {} }] },
      },
    },
    [
      'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
    ],
  ),
  ofSpec(
    'a spread without skew',
    { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'Panic' }] },
    [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Panic": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
  ),
  ofSpec('a group without a name', { schedulingGroup: {} }, [
    'spec.schedulingGroup: Invalid value: "": must specify one of: `podGroupName`',
  ]),
  ofSpec('a group that cannot be', { schedulingGroup: { podGroupName: 'A' } }, [
    `spec.schedulingGroup.podGroupName: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
  ]),
  ofSpec('a node and gates', { nodeName: 'n1', schedulingGates: [{ name: 'example.com/wait' }] }, [
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ]),
  ofSpec('a deadline of nothing', { activeDeadlineSeconds: 0 }, [
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ]),
  ofSpec('a host name with dots', { hostname: 'a.b' }, ['spec.hostname: Invalid value: "a.b": must not contain dots']),
  ofSpec('no DNS at all', { dnsPolicy: 'None' }, [
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ]),
  ofSpec('four name servers', { dnsConfig: { nameservers: ['198.18.0.1', '198.18.0.2', '198.18.0.3', 'x'] } }, [
    'spec.dnsConfig.nameservers: Invalid value: ["198.18.0.1","198.18.0.2","198.18.0.3","x"]: must not have more than 3 nameservers',
    'spec.dnsConfig.nameservers[3]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ]),
  ofSpec('an alias of no address', { hostAliases: [{ ip: 'x', hostnames: ['a'] }] }, [
    'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ]),
];

const ANNOTATIONS: readonly Case[] = [
  [
    'a mirror of no node',
    newPod({}, { 'kubernetes.io/config.mirror': 'x' }),
    [
      'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
    ],
  ],
  [
    'a deletion cost in words',
    newPod({}, { 'controller.kubernetes.io/pod-deletion-cost': 'much' }),
    [
      'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "much": must be a 32bit integer',
    ],
  ],
];

const verdict = ({ length }: readonly string[]): string => (length === 0 ? 'taken' : 'refused');
const check = (pod: Pod, errors: readonly string[]) => (): void => assert.deepEqual(create(Pod, pod).errors, errors);

for (const [what, pod, errors] of CONTAINERS) test(`[KIN10] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of PORTS) test(`[KIN11] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of ENVIRONMENT) test(`[KIN12] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of RESOURCES) test(`[KIN13] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of VOLUMES) test(`[KIN14] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of PROBES) test(`[KIN15] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of SECURITY) test(`[KIN16] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of PLACEMENT) test(`[KIN17] ${what} is ${verdict(errors)}`, check(pod, errors));
for (const [what, pod, errors] of ANNOTATIONS) test(`[KIN18] ${what} is ${verdict(errors)}`, check(pod, errors));

function named(name: string): Container {
  return { name, image: 'nginx:1.20' };
}

function port(name: string, containerPort: number): { readonly name: string; readonly containerPort: number } {
  return { name, containerPort };
}
