/** The variables that tell a container where its namespace's services are. */
import type { Service } from '#api/core/service';
import type { ServicePort } from '#api/types/core-v1';

type Variable = readonly [name: string, value: string];

export const API_SERVICE = { name: 'kubernetes', namespace: 'default' };

/** Of the services of the pod's namespace if it wants links, and always of the API's own service. */
export function serviceEnvironment(
  services: readonly Service[],
  namespace: string,
  links: boolean,
): ReadonlyMap<string, string> {
  const isSame = latest.namespace === namespace && latest.links === links && sameItems(latest.services, services);
  if (!isSame) latest = { services, namespace, links, variables: environmentOf(services, namespace, links) };
  return latest.variables;
}

type Answer = {
  readonly services: readonly Service[];
  readonly namespace: string;
  readonly links: boolean;
  readonly variables: ReadonlyMap<string, string>;
};

// Containers are started in great numbers while services stay as they are: one answer for all.
let latest: Answer = { services: [], namespace: '', links: false, variables: new Map() };

function sameItems(left: readonly Service[], right: readonly Service[]): boolean {
  return left.length === right.length && left.every((service, index) => service === right[index]);
}

function environmentOf(services: readonly Service[], namespace: string, links: boolean): ReadonlyMap<string, string> {
  const isApi = ({ metadata }: Service): boolean =>
    metadata.name === API_SERVICE.name && metadata.namespace === API_SERVICE.namespace;
  const seen = services.filter(
    (service) => hasAddress(service) && (isApi(service) || (links && service.metadata.namespace === namespace)),
  );
  // A namespace's own service of that name hides the API's.
  const hidden = seen.some((service) => service.metadata.name === API_SERVICE.name && !isApi(service));
  return new Map(seen.filter((service) => !(hidden && isApi(service))).flatMap(variables));
}

function hasAddress({ spec }: Service): boolean {
  return !['', 'None', undefined].includes(spec.clusterIP) && (spec.ports ?? []).length > 0;
}

function variables({ metadata, spec }: Service): readonly Variable[] {
  const prefix = asName(metadata.name);
  const address = spec.clusterIP ?? '';
  const ports = spec.ports ?? [];
  const named = ports.flatMap(({ name, port }): readonly Variable[] =>
    name ? [[`${prefix}_SERVICE_PORT_${asName(name)}`, String(port)]] : [],
  );
  return [
    [`${prefix}_SERVICE_HOST`, address],
    [`${prefix}_SERVICE_PORT`, String(ports[0]?.port)],
    ...named,
    ...ports.flatMap((port, index) => linkVariables({ prefix, address, first: index === 0 }, port)),
  ];
}

type Link = { readonly prefix: string; readonly address: string; readonly first: boolean };

function linkVariables({ prefix, address, first }: Link, { port, protocol = 'TCP' }: ServicePort): readonly Variable[] {
  const host = address.includes(':') ? `[${address}]` : address;
  const url = `${protocol.toLowerCase()}://${host}:${port}`;
  const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
  const own: readonly Variable[] = [
    [name, url],
    [`${name}_PROTO`, protocol.toLowerCase()],
    [`${name}_PORT`, String(port)],
    [`${name}_ADDR`, address],
  ];
  return first ? [[`${prefix}_PORT`, url], ...own] : own;
}

function asName(text: string): string {
  return text.toUpperCase().replaceAll('-', '_');
}
