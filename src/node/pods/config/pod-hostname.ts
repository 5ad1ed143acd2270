/** The name a pod has for itself and, with a subdomain, in DNS. */
import type { Pod } from '#api/core/pod';

// A Linux host name is at most 64 bytes with its end.
const LONGEST_HOSTNAME = 63;

export type PodHostname = {
  readonly hostname: string;
  /** `web-0.nginx.default.svc.cluster.local`; absent without a subdomain. */
  readonly domainName?: string;
};

export function podHostname({ metadata, spec }: Pod, clusterDomain: string): PodHostname {
  if (spec.hostnameOverride !== undefined) return { hostname: spec.hostnameOverride };
  const hostname = spec.hostname || metadata.name.slice(0, LONGEST_HOSTNAME).replace(/[-.]+$/, '');
  if (!spec.subdomain) return { hostname };
  const domainName = `${hostname}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}`;
  return { hostname: spec.setHostnameAsFQDN === true ? domainName : hostname, domainName };
}
