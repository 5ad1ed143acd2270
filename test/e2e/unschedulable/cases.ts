/** Pods that no node takes, each for a reason of its own, on three simulated nodes of 8 CPUs and 31 GiB. */
import type { Container, NodeSpec, PodSpec } from '#api/types/core-v1';

export type NodeSetup = { readonly labels?: Readonly<Record<string, string>>; readonly spec?: Partial<NodeSpec> };

type Labels = Readonly<Record<string, string>>;

export type PodSetup = { readonly labels?: Labels; readonly spec: Partial<PodSpec> };

export type Case = {
  readonly name: string;
  /** What differs about the nodes, in their order. */
  readonly nodes?: readonly NodeSetup[];
  /** Pods that run already, by the number of their node. */
  readonly running?: readonly (PodSetup & { readonly on: 1 | 2 | 3 })[];
  readonly pod: PodSetup;
  /** As many pods of a Deployment instead of one. */
  readonly replicas?: number;
  /** What kubectl shows of it. */
  readonly reason: string;
  /** The smallest change as `tutti why` tells it. */
  readonly change: string;
  /** The change that is made, when it is not the first. */
  readonly made?: string;
};

export const container = (rest: Partial<Container> = {}): Container => ({ name: 'main', image: 'web:1', ...rest });

const asking = (requests: Labels, name = 'main'): Container => container({ name, resources: { requests } });

const pod = (spec: Partial<PodSpec> = {}, labels?: Labels): PodSetup => ({ spec, ...(labels && { labels }) });

const everywhere = (setup: NodeSetup): readonly NodeSetup[] => [setup, setup, setup];

const NUMBERS = [1, 2, 3] as const;

const runningEverywhere = (setup: PodSetup): NonNullable<Case['running']> => NUMBERS.map((on) => ({ ...setup, on }));

const requiring = (key: string, operator: string, values?: readonly string[]): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator, ...(values && { values }) }] }],
      },
    },
  },
});

const withDisk = (more: { readonly readOnly: boolean }): Partial<PodSpec> => ({
  volumes: [{ name: 'disk', gcePersistentDisk: { pdName: 'disk', ...more } }],
});

const HOSTNAME = 'kubernetes.io/hostname';
const near = (labels: Labels) => ({ topologyKey: HOSTNAME, labelSelector: { matchLabels: labels } });
const avoiding = (labels: Labels): Partial<PodSpec> => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near(labels)] } },
});
const spreading = (topologyKey: string, more: { readonly minDomains?: number } = {}): Partial<PodSpec> => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
      ...more,
    },
  ],
});
const onPort = (hostPort: number): Partial<PodSpec> => ({
  containers: [container({ ports: [{ containerPort: hostPort, hostPort }] })],
});
const WEB = { app: 'web' };
const gpu = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
const NO_MATCH = "3 node(s) didn't match Pod's node affinity/selector";

export const CASES: readonly Case[] = [
  {
    name: 'more CPU than any node has',
    pod: pod({ containers: [asking({ cpu: '64' })] }),
    reason: '0/3 nodes are available: 3 Insufficient cpu.',
    change: 'lower the cpu request of container main from 64 to 8, which is what node hollow-1 has left',
  },
  {
    name: 'more CPU than any node has left',
    running: runningEverywhere(pod({ containers: [asking({ cpu: '5' })] })),
    pod: pod({ containers: [asking({ cpu: '4' })] }),
    reason: '3 Insufficient cpu',
    change: 'lower the cpu request of container main from 4 to 3, which is what node hollow-1 has left',
  },
  {
    name: 'more memory than any node has',
    pod: pod({ containers: [asking({ memory: '100Gi' })] }),
    reason: '3 Insufficient memory',
    change: 'lower the memory request of container main from 100Gi to 32668Mi, which is what node hollow-1 has left',
  },
  {
    name: 'more CPU and more memory',
    pod: pod({ containers: [asking({ cpu: '9', memory: '40Gi' })] }),
    reason: '3 Insufficient cpu, 3 Insufficient memory',
    change:
      'lower the cpu request of container main from 9 to 8 and lower the memory request of container main from 40Gi to 32668Mi, which is what node hollow-1 has left',
  },
  {
    name: 'more storage of its own than any node has',
    pod: pod({ containers: [asking({ 'ephemeral-storage': '1Ti' })] }),
    reason: '3 Insufficient ephemeral-storage',
    change:
      'lower the ephemeral-storage request of container main from 1Ti to 180Gi, which is what node hollow-1 has left',
  },
  {
    name: 'two containers: the larger is made smaller',
    pod: pod({ containers: [asking({ cpu: '3' }, 'small'), asking({ cpu: '7' }, 'large')] }),
    reason: '3 Insufficient cpu',
    change: 'lower the cpu request of container large from 7 to 5, which is what node hollow-1 has left',
  },
  {
    name: 'a sidecar that asks for too much',
    // On simulated nodes an init container never ends: this one need not.
    pod: pod({
      initContainers: [{ ...asking({ cpu: '12' }, 'first'), restartPolicy: 'Always' }],
      containers: [container()],
    }),
    reason: '3 Insufficient cpu',
    change: 'lower the cpu request of container first from 12 to 8, which is what node hollow-1 has left',
  },
  {
    name: 'a request of the pod as a whole',
    pod: pod({ containers: [container()], resources: { requests: { cpu: '10' } } }),
    reason: '3 Insufficient cpu',
    change: 'lower the cpu request of the pod from 10 to 8, which is what node hollow-1 has left',
  },
  {
    name: 'a device that no node has',
    pod: pod({
      containers: [
        container({ resources: { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } } }),
      ],
    }),
    reason: '3 Insufficient example.com/gpu',
    change: 'add 1 node with at least 1 example.com/gpu free',
    made: 'lower the example.com/gpu request of container main from 1 to 0',
  },
  {
    name: 'a taint on all nodes',
    nodes: everywhere({ spec: { taints: [gpu] } }),
    pod: pod(),
    reason: '3 node(s) had untolerated taint {gpu: yes}',
    change: 'tolerate the taint gpu=yes:NoSchedule in the pod',
  },
  {
    name: 'a taint that also drives pods off',
    nodes: everywhere({ spec: { taints: [{ key: 'leaving', effect: 'NoExecute' }] } }),
    pod: pod(),
    reason: '3 node(s) had untolerated taint {leaving: }',
    change: 'tolerate the taint leaving:NoExecute in the pod',
  },
  {
    name: 'a taint that the pod tolerates with another value',
    nodes: everywhere({ spec: { taints: [gpu] } }),
    pod: pod({ tolerations: [{ key: 'gpu', operator: 'Equal', value: 'no', effect: 'NoSchedule' }] }),
    reason: '3 node(s) had untolerated taint {gpu: yes}',
    change: 'tolerate the taint gpu=yes:NoSchedule in the pod',
  },
  {
    name: 'taints, one of which is taken off its node',
    nodes: everywhere({ spec: { taints: [gpu] } }),
    pod: pod(),
    reason: '3 node(s) had untolerated taint {gpu: yes}',
    change: 'tolerate the taint gpu=yes:NoSchedule in the pod',
    made: 'remove the taint gpu=yes:NoSchedule from node hollow-1',
  },
  {
    name: 'cordoned nodes',
    nodes: everywhere({ spec: { unschedulable: true } }),
    pod: pod(),
    reason: '3 node(s) were unschedulable',
    change: 'uncordon node hollow-1',
  },
  {
    name: 'a node too small, one tainted, one cordoned',
    nodes: [{}, { spec: { taints: [gpu] } }, { spec: { unschedulable: true } }],
    running: [{ on: 1, ...pod({ containers: [asking({ cpu: '7' })] }) }],
    pod: pod({ containers: [asking({ cpu: '4' })] }),
    reason: '1 Insufficient cpu, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable',
    change: 'tolerate the taint gpu=yes:NoSchedule in the pod',
  },
  {
    name: 'a label that no node has',
    pod: pod({ nodeSelector: { disk: 'ssd' } }),
    reason: NO_MATCH,
    change: 'label node hollow-1 with disk=ssd',
  },
  {
    name: 'a label that nodes have with another value',
    nodes: [{}, { labels: { disk: 'hdd' } }, {}],
    pod: pod({ nodeSelector: { disk: 'ssd' } }),
    reason: NO_MATCH,
    change: 'label node hollow-1 with disk=ssd',
    made: "select disk=hdd instead of disk=ssd in the pod's node selector",
  },
  {
    name: 'two labels',
    pod: pod({ nodeSelector: { disk: 'ssd', rack: 'one' } }),
    reason: NO_MATCH,
    change: "drop disk=ssd,rack=one from the pod's node selector",
    made: 'label node hollow-1 with disk=ssd,rack=one',
  },
  {
    name: 'node affinity to one of some values',
    pod: pod(requiring('zone', 'In', ['a', 'b'])),
    reason: NO_MATCH,
    change: 'label node hollow-1 with zone=a',
  },
  {
    name: 'node affinity to a greater number',
    nodes: everywhere({ labels: { cores: '4' } }),
    pod: pod(requiring('cores', 'Gt', ['7'])),
    reason: NO_MATCH,
    change: 'label node hollow-1 with cores=8',
  },
  {
    name: 'node affinity against a label that all nodes have',
    nodes: everywhere({ labels: { old: 'yes' } }),
    pod: pod(requiring('old', 'DoesNotExist')),
    reason: NO_MATCH,
    change: 'remove the label old from node hollow-1',
  },
  {
    name: 'a node that is not there, by name',
    pod: pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['gone'] }] }],
          },
        },
      },
    }),
    reason: "3 node(s) didn't satisfy plugin(s) [NodeAffinity]",
    change: "drop the pod's required node affinity",
  },
  {
    name: 'a host port that is taken everywhere',
    running: runningEverywhere(pod(onPort(8080))),
    pod: pod(onPort(8080)),
    reason: "3 node(s) didn't have free ports for the requested pod ports",
    change: 'use host port 8081 instead of 8080 in the pod',
  },
  {
    name: 'a port in the network of the node',
    running: runningEverywhere(pod(onPort(9000))),
    pod: pod({ ...onPort(9000), hostNetwork: true }),
    reason: "3 node(s) didn't have free ports for the requested pod ports",
    change: 'use host port 9001 instead of 9000 in the pod',
  },
  {
    name: 'a scheduling gate',
    pod: pod({ schedulingGates: [{ name: 'example.com/wait' }] }),
    reason: 'Scheduling is blocked due to non-empty scheduling gates',
    change: 'remove the scheduling gate example.com/wait from the pod',
  },
  {
    name: 'a scheduling gate, and a taint behind it',
    nodes: everywhere({ spec: { taints: [gpu] } }),
    pod: pod({ schedulingGates: [{ name: 'example.com/wait' }] }),
    reason: 'Scheduling is blocked due to non-empty scheduling gates',
    change:
      'remove the scheduling gate example.com/wait from the pod, and tolerate the taint gpu=yes:NoSchedule in the pod',
  },
  {
    name: 'spreading over a label that no node has',
    pod: pod(spreading('zone'), WEB),
    reason: "3 node(s) didn't match pod topology spread constraints (missing required label)",
    change: 'label node hollow-1 with zone=hollow-1',
  },
  {
    name: 'spreading that the only open zone would break',
    nodes: [
      { labels: { zone: 'a' } },
      { labels: { zone: 'b' }, spec: { taints: [gpu] } },
      { labels: { zone: 'b' }, spec: { unschedulable: true } },
    ],
    running: [
      { on: 1, ...pod({}, WEB) },
      { on: 1, ...pod({}, WEB) },
    ],
    pod: pod(spreading('zone'), WEB),
    reason: "1 node(s) didn't match pod topology spread constraints",
    change: 'tolerate the taint gpu=yes:NoSchedule in the pod',
    made: 'raise maxSkew over zone from 1 to 3 in the pod',
  },
  {
    name: 'spreading over more domains than there are',
    running: runningEverywhere(pod({}, WEB)),
    pod: pod(spreading(HOSTNAME, { minDomains: 5 }), WEB),
    reason: "3 node(s) didn't match pod topology spread constraints",
    change: `drop minDomains 5 over ${HOSTNAME} from the pod`,
  },
  {
    name: 'pods that keep away from each other',
    running: runningEverywhere(pod(avoiding(WEB), WEB)),
    pod: pod(avoiding(WEB), WEB),
    reason: "3 node(s) didn't match pod anti-affinity rules",
    change: 'add 1 node like hollow-1 (8 cpu, 31Gi memory)',
  },
  {
    name: 'a pod that wants to be near one that is not there',
    pod: pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near({ app: 'db' })] } } }),
    reason: "3 node(s) didn't match pod affinity rules",
    change: `wish to be near pods app=db per ${HOSTNAME} instead of insisting on it`,
  },
  {
    name: 'a pod that all others keep away from',
    running: runningEverywhere(pod(avoiding(WEB))),
    pod: pod({}, WEB),
    reason: "3 node(s) didn't satisfy existing pods anti-affinity rules",
    change: 'add 1 node like hollow-1 (8 cpu, 31Gi memory)',
    made: 'drop the label app=web from the pod',
  },
  {
    name: 'a disk that others write to',
    running: runningEverywhere(pod(withDisk({ readOnly: false }))),
    pod: pod(withDisk({ readOnly: false })),
    reason: '3 node(s) had no available disk',
    change: 'add 1 node like hollow-1 (8 cpu, 31Gi memory)',
    made: 'end pod running-0, for the disk on node hollow-1',
  },
  {
    name: 'a disk that others only read',
    running: runningEverywhere(pod(withDisk({ readOnly: true }))),
    pod: pod(withDisk({ readOnly: false })),
    reason: '3 node(s) had no available disk',
    change: 'only read the disk in the pod (readOnly), as those who use it do',
  },
  {
    name: 'a deployment that is larger than the cluster',
    pod: pod({ containers: [asking({ cpu: '5' })] }, WEB),
    replicas: 8,
    reason: '3 Insufficient cpu',
    change: 'lower the cpu request of container main from 5 to 1500m, so that all 5 of them fit',
    made: 'add 5 nodes like hollow-1 (8 cpu, 31Gi memory)',
  },
];
