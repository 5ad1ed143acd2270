/** Texts about services and what is behind them. */
import type { Descriptions } from '../descriptions.ts';

export const NETWORK = {
  'core.v1.Service': { '': 'A name and an address that lead to whichever pods are selected and ready.' },
  'core.v1.ServiceSpec': {
    type: 'ClusterIP: reachable in the cluster. NodePort: also on a port of every node. LoadBalancer: also from outside. ExternalName: another name for a host elsewhere.',
    selector: 'Labels of the pods that requests go to. Without it, somebody else says where they go.',
    ports: 'The ports it listens on, and where they lead.',
    clusterIP: 'Its address in the cluster. None means that its name leads to the pods themselves.',
    clusterIPs: 'Its addresses in the cluster, one of each IP family.',
    externalIPs: 'Addresses of nodes that lead here, which somebody else routes to the cluster.',
    externalName: 'The host it is another name for.',
    sessionAffinity: 'ClientIP sends a client to the same pod every time; None does not.',
    sessionAffinityConfig: 'For how long a client is remembered.',
    externalTrafficPolicy:
      "Cluster: requests from outside go to any pod. Local: only to pods of the node they come to, which see the client's address.",
    internalTrafficPolicy: 'Cluster: requests go to any pod. Local: only to pods of the same node.',
    publishNotReadyAddresses: 'Whether pods that are not ready are included.',
    ipFamilies: 'IPv4, IPv6 or both, the first one first.',
    ipFamilyPolicy: 'SingleStack, PreferDualStack or RequireDualStack.',
    loadBalancerClass: 'Which implementation of load balancers takes care of it.',
    loadBalancerSourceRanges: 'Which clients the load balancer lets through.',
    allocateLoadBalancerNodePorts: 'Whether a load balancer gets node ports.',
    healthCheckNodePort: 'Where load balancers ask whether a node has pods of it.',
    loadBalancerIP: 'Not used any more.',
    trafficDistribution: 'A preference for pods that are near.',
  },
  'core.v1.ServicePort': {
    name: 'A name, unique in the service. Needed when there are several ports.',
    port: 'The port it listens on.',
    targetPort: "The pods' port, by number or by name. The same as port if absent.",
    nodePort: "The nodes' port. Chosen by the server if absent.",
    protocol: 'TCP, UDP or SCTP.',
    appProtocol: 'What is spoken on the port, such as http.',
  },
  'core.v1.ServiceStatus': {
    loadBalancer: 'Where the load balancer can be reached.',
    conditions: 'What else is known about it.',
  },
  'core.v1.LoadBalancerStatus': { ingress: 'Its addresses.' },
  'core.v1.LoadBalancerIngress': {
    ip: 'An address.',
    hostname: 'A name.',
    ipMode: 'How the address is routed: VIP or Proxy.',
    ports: 'Which ports work, and which do not.',
  },
  'core.v1.Endpoints': {
    '': 'The addresses behind a service. EndpointSlice is its successor.',
    subsets: 'Addresses that share their ports.',
  },
  'discovery.v1.EndpointSlice': {
    '': 'Some of the addresses behind a service. Large services have several slices.',
    addressType: 'IPv4, IPv6 or FQDN.',
    endpoints: 'The addresses, at most 1000.',
    ports: 'The ports that all of them have.',
  },
  'discovery.v1.Endpoint': {
    addresses: 'The address.',
    conditions: 'Whether it is ready, serving or on its way out.',
    hostname: 'Its host name.',
    nodeName: 'The node it is on.',
    targetRef: 'The pod it belongs to.',
    zone: 'The zone it is in.',
    hints: 'Who should use it.',
  },
  'discovery.v1.EndpointConditions': {
    ready: 'Whether it takes new requests.',
    serving: 'Whether it can answer, even if it is on its way out.',
    terminating: 'Whether it is on its way out.',
  },
} satisfies Descriptions;
