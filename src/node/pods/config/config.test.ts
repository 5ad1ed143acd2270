import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap } from '#api/core/config-map';
import type { Secret } from '#api/core/secret';
import type { Service } from '#api/core/service';
import type { Container, PodSpec } from '#api/types/core-v1';
import { aBoundPod } from '#test/builders/pod-on-node';
import { aMeta } from '#test/builders/workloads';
import { containerResources, podResources } from './cgroup-resources.ts';
import { containerConfig } from './container-config.ts';
import { containerEnvironment, environmentSources } from './environment.ts';
import { expandReferences } from './expand-references.ts';
import { hostsFile } from './hosts-file.ts';
import { parseResolverFile, podDns } from './pod-dns.ts';
import { podHostname } from './pod-hostname.ts';
import { podPaths } from './pod-paths.ts';
import { resourceValue } from './resource-value.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { containerSecurity } from './security.ts';
import { serviceEnvironment } from './service-environment.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const aConfigMap = (data: Record<string, string>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: aMeta('app'),
  data,
});
const aSecret = (data: Record<string, string>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: aMeta('keys'),
  data,
});

type Given = {
  readonly configMap?: ConfigMap;
  readonly secret?: Secret;
  readonly services?: Record<string, string>;
  readonly podIp?: string;
};

function environmentOf(container: Partial<Container>, given: Given = {}) {
  const { variables, skipped } = containerEnvironment({
    pod: aBoundPod({ meta: { labels: { app: 'web' } } }),
    container: { name: 'web', ...container },
    objects: { configMap: () => given.configMap, secret: () => given.secret },
    services: new Map(Object.entries(given.services ?? {})),
    addresses: { podIps: [given.podIp ?? '198.18.1.5'], hostIps: ['198.18.0.1'] },
    allocatable: { cpu: '2', memory: '4Gi' },
  });
  return { variables: Object.fromEntries(variables), skipped };
}

test('[NOD40] references in texts are replaced where they are known, and a doubled sign is a single one', () => {
  const known = new Map([
    ['A', '1'],
    ['B', '$(A)'],
  ]);
  const expand = (text: string): string => expandReferences(text, (name) => known.get(name));
  assert.deepEqual(['$(A)-$(B)', '$(NONE)', '$$(A)', '$$$(A)', '$A', '$(A', '$'].map(expand), [
    '1-$(A)',
    '$(NONE)',
    '$(A)',
    '$1',
    '$A',
    '$(A',
    '$',
  ]);
});

test('[NOD41] variables may refer to those before them, to services, and not to those after them', () => {
  const env = [
    { name: 'A', value: 'a' },
    { name: 'B', value: '$(A)/$(C)/$(DB_SERVICE_HOST)' },
    { name: 'C', value: 'c' },
  ];
  const { variables } = environmentOf({ env }, { services: { DB_SERVICE_HOST: '198.19.0.7', A: 'hidden' } });
  assert.deepEqual(variables, { A: 'a', B: 'a/$(C)/198.19.0.7', C: 'c', DB_SERVICE_HOST: '198.19.0.7' });
});

test('[NOD42] variables come from objects, with a prefix, and single ones win over whole objects', () => {
  const { variables, skipped } = environmentOf(
    {
      envFrom: [{ prefix: 'X_', configMapRef: { name: 'app' } }, { secretRef: { name: 'keys' } }],
      env: [
        { name: 'X_one', value: 'own' },
        { name: 'key', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
        { name: 'none', valueFrom: { configMapKeyRef: { name: 'app', key: 'gone', optional: true } } },
      ],
    },
    { configMap: aConfigMap({ one: '1', two: '2', 'a=b': 'no' }), secret: aSecret({ password: base64('hush') }) },
  );
  assert.deepEqual(variables, { X_one: 'own', X_two: '2', password: 'hush', key: 'hush' });
  assert.deepEqual(skipped, ['app/a=b']);
});

test("[NOD43] what a variable needs and cannot have is told in upstream's words", () => {
  const failure = (container: Partial<Container>, given: Given = {}): string => {
    try {
      environmentOf(container, given);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const fromMap = { name: 'A', valueFrom: { configMapKeyRef: { name: 'app', key: 'k' } } };
  const fromSecret = { name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'k' } } };
  assert.deepEqual(
    [
      failure({ env: [fromMap] }),
      failure({ env: [fromMap] }, { configMap: aConfigMap({}) }),
      failure({ env: [fromSecret] }),
      failure({ env: [fromSecret] }, { secret: aSecret({}) }),
      failure({ envFrom: [{ secretRef: { name: 'keys' } }] }),
      failure({ envFrom: [{ configMapRef: { name: 'app', optional: true } }] }),
    ],
    [
      'configmap "app" not found',
      "couldn't find key k in ConfigMap default/app",
      'secret "keys" not found',
      "couldn't find key k in Secret default/keys",
      'secret "keys" not found',
      '',
    ],
  );
});

test('[NOD44] variables show the pod, its addresses, and what its container may use', () => {
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const resource = (name: string, which: string, divisor = '1') => ({
    name,
    valueFrom: { resourceFieldRef: { resource: which, divisor } },
  });
  const { variables } = environmentOf({
    resources: { requests: { cpu: '250m' }, limits: { memory: '64Mi' } },
    env: [
      field('NAME', 'metadata.name'),
      field('LABEL', "metadata.labels['app']"),
      field('IP', 'status.podIP'),
      field('HOST', 'status.hostIP'),
      field('NODE', 'spec.nodeName'),
      resource('CPU', 'requests.cpu'),
      resource('CPU_MILLI', 'requests.cpu', '1m'),
      resource('MEMORY', 'limits.memory', '1Mi'),
      resource('ALL_CPUS', 'limits.cpu'),
    ],
  });
  assert.deepEqual(variables, {
    NAME: 'web-1',
    LABEL: 'web',
    IP: '198.18.1.5',
    HOST: '198.18.0.1',
    NODE: 'node-1',
    CPU: '1',
    CPU_MILLI: '250',
    MEMORY: '64',
    ALL_CPUS: '2',
  });
  assert.equal(resourceValue({ name: 'web' }, { resource: 'requests.memory' }, {}), '0');
});

test('[NOD45] the objects that variables come from are known beforehand', () => {
  const container: Container = {
    name: 'web',
    envFrom: [{ configMapRef: { name: 'a' } }, { secretRef: { name: 's' } }],
    env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } }],
  };
  assert.deepEqual(environmentSources(container), { configMaps: ['a'], secrets: ['s'] });
});

function aService(name: string, namespace: string, clusterIP = '198.19.0.7'): Service {
  const ports = [
    { name: 'http', port: 80, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ];
  return { apiVersion: 'v1', kind: 'Service', metadata: aMeta(name, { namespace }), spec: { clusterIP, ports } };
}

test("[NOD46] services of the namespace and the API's own are variables", () => {
  const services = [
    aService('my-db', 'default'),
    aService('other', 'elsewhere'),
    aService('headless', 'default', 'None'),
    aService('kubernetes', 'default', '198.19.0.1'),
  ];
  const linked = Object.fromEntries(serviceEnvironment(services, 'default', true));
  assert.deepEqual(
    [
      linked['MY_DB_SERVICE_HOST'],
      linked['MY_DB_SERVICE_PORT'],
      linked['MY_DB_SERVICE_PORT_HTTP'],
      linked['MY_DB_PORT'],
      linked['MY_DB_PORT_53_UDP_ADDR'],
      linked['OTHER_SERVICE_HOST'],
      linked['HEADLESS_SERVICE_HOST'],
    ],
    ['198.19.0.7', '80', '80', 'tcp://198.19.0.7:80', '198.19.0.7', undefined, undefined],
  );
  const unlinked = serviceEnvironment(services, 'elsewhere', false);
  assert.deepEqual(
    [unlinked.get('KUBERNETES_SERVICE_HOST'), unlinked.has('OTHER_SERVICE_HOST')],
    ['198.19.0.1', false],
  );
});

test('[NOD47] requests and limits become shares, quotas, limits and an order of killing', () => {
  const memory = 4 * 1024 ** 3;
  assert.deepEqual(
    containerResources(
      { requests: { cpu: '250m', memory: '1Gi' }, limits: { cpu: '500m', memory: '2Gi' } },
      'Burstable',
      memory,
    ),
    { cpuShares: 256, cpuPeriod: 100_000, cpuQuota: 50_000, memoryLimitBytes: 2 * 1024 ** 3, oomScoreAdj: 750 },
  );
  assert.deepEqual(containerResources(undefined, 'BestEffort', memory), { cpuShares: 2, oomScoreAdj: 1000 });
  assert.equal(containerResources({ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed', memory).oomScoreAdj, -997);
  const limited = (memory: string) => ({
    name: 'c',
    resources: { limits: { cpu: '1', memory }, requests: { cpu: '1' } },
  });
  const whole = (...containers: Container[]) => podResources(aBoundPod({ spec: { containers } }));
  const both = { cpuShares: 2048, cpuPeriod: 100_000, cpuQuota: 200_000, memoryLimitBytes: 2 * 1024 ** 2 };
  assert.deepEqual(whole(limited('1Mi'), limited('1Mi')), both);
  assert.deepEqual(whole(limited('1Mi'), { name: 'd' }), { cpuShares: 1024 });
  // What runs before the others must fit as well.
  const spec = { initContainers: [limited('8Mi')], containers: [limited('1Mi')] };
  assert.equal(podResources(aBoundPod({ spec })).memoryLimitBytes, 8 * 1024 ** 2);
});

const DNS = {
  clusterServers: ['198.19.0.10'],
  clusterDomain: 'cluster.local',
  host: { servers: ['198.18.0.53'], searches: ['lan'], options: ['edns0'] },
};
const dnsOf = (spec: Partial<PodSpec>) => podDns(aBoundPod({ spec }), DNS);

test('[NOD48] a pod resolves names as its policy says', () => {
  const cluster = {
    servers: ['198.19.0.10'],
    searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan'],
    options: ['ndots:5'],
  };
  assert.deepEqual(dnsOf({}), cluster);
  assert.deepEqual(dnsOf({ hostNetwork: true }), DNS.host);
  assert.deepEqual(dnsOf({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), cluster);
  assert.deepEqual(dnsOf({ dnsPolicy: 'Default' }), DNS.host);
  const dnsConfig = { nameservers: ['198.18.0.54'], options: [{ name: 'ndots', value: '2' }, { name: 'debug' }] };
  assert.deepEqual(dnsOf({ dnsPolicy: 'None', dnsConfig }), {
    servers: ['198.18.0.54'],
    searches: [],
    options: ['ndots:2', 'debug'],
  });
  assert.deepEqual(dnsOf({ dnsConfig }).options, ['ndots:2', 'debug']);
  assert.deepEqual(parseResolverFile('nameserver 198.18.0.53\n# no\nsearch a b\noptions ndots:1 edns0\n'), {
    servers: ['198.18.0.53'],
    searches: ['a', 'b'],
    options: ['ndots:1', 'edns0'],
  });
});

test('[NOD49] a pod knows its own name, and its host aliases', () => {
  const named = aBoundPod({
    spec: { hostname: 'db-0', subdomain: 'db', hostAliases: [{ ip: '198.18.9.9', hostnames: ['a', 'b'] }] },
  });
  assert.deepEqual(podHostname(named, 'cluster.local'), {
    hostname: 'db-0',
    domainName: 'db-0.db.default.svc.cluster.local',
  });
  const lines = hostsFile({ pod: named, ips: ['198.18.1.5'], clusterDomain: 'cluster.local', hostFile: '' }).split(
    '\n',
  );
  assert.ok(lines.includes('198.18.1.5\tdb-0.db.default.svc.cluster.local\tdb-0'));
  assert.ok(lines.includes('198.18.9.9\ta\tb'));
  const long = aBoundPod({ meta: { name: `${'x'.repeat(62)}-y` } });
  assert.equal(podHostname(long, 'cluster.local').hostname, 'x'.repeat(62));
  const onHost = aBoundPod({ spec: { hostNetwork: true } });
  assert.match(
    hostsFile({ pod: onHost, ips: [], clusterDomain: 'c', hostFile: '127.0.0.1 me\n' }),
    /^127\.0\.0\.1 me$/m,
  );
});

const securityOf = (
  container: Partial<Container>,
  spec: Partial<PodSpec> = {},
  image: { uid?: number; username?: string } = {},
) =>
  containerSecurity({
    pod: aBoundPod({ spec }),
    container: { name: 'web', ...container },
    image,
    seccompDirectory: '/profiles',
  });

test("[NOD50] a container's security context goes before its pod's", () => {
  const own = {
    securityContext: {
      runAsUser: 7,
      capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
      allowPrivilegeEscalation: false,
    },
  };
  const spec = {
    securityContext: {
      runAsUser: 5,
      runAsGroup: 6,
      fsGroup: 9,
      supplementalGroups: [8],
      seccompProfile: { type: 'RuntimeDefault' },
    },
    shareProcessNamespace: true,
  };
  assert.deepEqual(securityOf(own, spec), {
    privileged: false,
    runAsUser: 7,
    runAsGroup: 6,
    supplementalGroups: [8, 9],
    addCapabilities: ['NET_ADMIN'],
    dropCapabilities: ['ALL'],
    readonlyRootfs: false,
    noNewPrivileges: true,
    seccomp: { type: 'RuntimeDefault' },
    pid: 'Pod',
  });
  const localhost = { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } } };
  assert.deepEqual(securityOf(localhost).seccomp, { type: 'Localhost', path: '/profiles/a.json' });
});

test('[NOD51] a container that must not be root is refused when it would be, or may be', () => {
  const strict = { securityContext: { runAsNonRoot: true } };
  assert.throws(() => securityOf(strict), /image will run as root/);
  assert.throws(() => securityOf(strict, {}, { username: 'app' }), /non-numeric user \(app\)/);
  assert.throws(() => securityOf({ securityContext: { runAsNonRoot: true, runAsUser: 0 } }), /breaks non-root policy/);
  assert.equal(securityOf(strict, {}, { uid: 1000 }).runAsUser, 1000);
});

test("[NOD52] a sandbox has the pod's names, ports, cgroup and namespaces", () => {
  const paths = podPaths({ podsDir: '/pods', logsDir: '/logs' }, aBoundPod());
  const config = (spec: Partial<PodSpec>) =>
    sandboxConfig({ pod: aBoundPod({ spec }), attempt: 2, qos: 'Burstable', paths, cgroupRoot: '/tutti/n', dns: DNS });
  const ports = [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }];
  const ordinary = config({ containers: [{ name: 'web', ports, securityContext: { privileged: true } }] });
  assert.deepEqual(
    [
      ordinary.hostname,
      ordinary.cgroupParent,
      ordinary.logDirectory,
      ordinary.portMappings,
      ordinary.privileged,
      ordinary.metadata.attempt,
    ],
    [
      'web-1',
      '/tutti/n/burstable/poduid-of-web-1',
      '/logs/default_web-1_uid-of-web-1',
      [{ protocol: 'TCP', containerPort: 80, hostPort: 8080 }],
      true,
      2,
    ],
  );
  const onHost = config({ hostNetwork: true, hostPID: true });
  assert.deepEqual(
    [onHost.hostname, onHost.namespaces, onHost.portMappings],
    ['', { network: 'Node', pid: 'Node', ipc: 'Pod' }, []],
  );
});

test("[NOD53] a container's command sees its variables, and its secrets are not in its labels or annotations", () => {
  const config = containerConfig({
    pod: aBoundPod(),
    container: { name: 'web', image: 'nginx:1', command: ['run', '$(NAME)'], args: ['$(NONE)'] },
    restartCount: 3,
    image: { id: 'sha256:1' },
    variables: new Map([
      ['NAME', 'a'],
      ['PASSWORD', 'hush'],
    ]),
    mounts: [],
    terminationFile: '/pods/t',
    qos: 'BestEffort',
    nodeMemoryBytes: 1,
    seccompDirectory: '',
  });
  assert.deepEqual(
    [config.command, config.args, config.logPath, config.metadata],
    [['run', 'a'], ['$(NONE)'], 'web/3.log', { name: 'web', attempt: 3 }],
  );
  assert.deepEqual(config.mounts, [
    { containerPath: '/dev/termination-log', hostPath: '/pods/t', readonly: false, propagation: 'None' },
  ]);
  assert.ok(!JSON.stringify([config.labels, config.annotations, config.command]).includes('hush'));
});
