/** A pod's `/etc/hosts`. */
import type { Pod } from '#api/core/pod';
import { podHostname } from './pod-hostname.ts';

const HEADER = '# Kubernetes-managed hosts file';
const LOOPBACK = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

export type HostsInput = {
  readonly pod: Pod;
  readonly ips: readonly string[];
  readonly clusterDomain: string;
  /** The node's own file, which pods on the host's network see. */
  readonly hostFile: string;
};

export function hostsFile({ pod, ips, clusterDomain, hostFile }: HostsInput): string {
  const own =
    pod.spec.hostNetwork === true
      ? [`${HEADER} (host network).`, hostFile.trimEnd()]
      : [`${HEADER}.`, ...LOOPBACK, ...ownLines(pod, ips, clusterDomain)];
  const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t'));
  const added = aliases.length === 0 ? [] : ['', '# Entries added by HostAliases.', ...aliases];
  return `${[...own, ...added].join('\n')}\n`;
}

function ownLines(pod: Pod, ips: readonly string[], clusterDomain: string): readonly string[] {
  const { hostname, domainName } = podHostname(pod, clusterDomain);
  return ips.map((ip) => (domainName === undefined ? `${ip}\t${hostname}` : `${ip}\t${domainName}\t${hostname}`));
}
