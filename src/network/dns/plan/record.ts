/** The records our names have, in the shape the wire library takes. */

type Named = { readonly name: string; readonly ttl: number };

export type SoaData = {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
};

export type ServiceLocation = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
};

export type DnsRecord =
  | (Named & { readonly type: 'A' | 'CNAME' | 'PTR' | 'NS'; readonly data: string })
  | (Named & { readonly type: 'TXT'; readonly data: string })
  | (Named & { readonly type: 'SRV'; readonly data: ServiceLocation })
  | (Named & { readonly type: 'SOA'; readonly data: SoaData });

// Endpoints change at any moment: an answer must not be kept for longer than a client would wait anyway.
export const TTL_SECONDS = 5;

/** Every answer that there is no such record carries it; its minimum says how long that may be believed. */
export function zoneAuthority(zone: string): DnsRecord {
  const data: SoaData = {
    mname: `ns.dns.${zone}`,
    rname: `hostmaster.${zone}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: TTL_SECONDS,
  };
  return { name: zone, type: 'SOA', ttl: TTL_SECONDS, data };
}
