/** Finds the backend of a request to `pods/proxy`, `services/proxy` or `nodes/proxy`, in upstream's order and words. */
import { ApiError, badRequestError } from '#api/errors';
import { Endpoints } from '#api/core/endpoints';
import { Service } from '#api/core/service';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import type { ResourcePath } from '../http/request-path.ts';
import { agentAddress } from '../nodes/agent-address.ts';
import { findNode, findPod } from '../nodes/locate.ts';
import { storedObject } from '../registry/list.ts';
import { type Backend, mayProxyTo, parseProxyName, portNumber } from './backend.ts';

export type BackendSources = { readonly store: Store; readonly world: Pick<World, 'random'> };

const LOCATORS: Readonly<Record<string, (sources: BackendSources, path: ResourcePath) => Backend>> = {
  nodes: nodeBackend,
  pods: podBackend,
  services: serviceBackend,
};

/** Undefined for a path that nothing is proxied under. */
export function locateBackend(sources: BackendSources, path: ResourcePath): (() => Backend) | undefined {
  const { group, plural, subresource } = path;
  if (group !== '' || subresource !== 'proxy' || !Object.hasOwn(LOCATORS, plural)) return undefined;
  return () => LOCATORS[plural]!(sources, path);
}

function nodeBackend({ store }: BackendSources, { name: id = '' }: ResourcePath): Backend {
  const { scheme, name, port } = parseProxyName(id, 'node');
  const agent = agentAddress(findNode(store, name));
  if (port === '' || port === String(agent.port)) return { scheme: 'https', ...agent, trust: 'agent' };
  requireAllowed(agent.host);
  return { scheme, host: agent.host, port: portNumber(port, scheme), trust: 'nobody' };
}

function podBackend({ store }: BackendSources, { name: id = '', namespace }: ResourcePath): Backend {
  const { scheme, name, port } = parseProxyName(id, 'pod');
  const pod = findPod(store, { namespace, name });
  const host = addressOf(pod);
  requireAllowed(host);
  return { scheme, host, port: portNumber(port === '' ? firstPort(pod) : port, scheme), trust: 'nobody' };
}

const addressOf = ({ status = {} }: core.Pod): string => status.podIPs?.[0]?.ip ?? status.podIP ?? '';

/** Of the first container that declares any; empty if none does. */
function firstPort({ spec }: core.Pod): string {
  const declared = spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  return declared === undefined ? '' : String(declared);
}

function requireAllowed(host: string): void {
  if (!mayProxyTo(host)) throw badRequestError('address not allowed');
}

const anyKind = (definition: unknown): ResourceDefinition => definition as ResourceDefinition;

function serviceBackend({ store, world }: BackendSources, { name: id = '', namespace }: ResourcePath): Backend {
  const { scheme, name, port } = parseProxyName(id, 'service');
  const ref = { namespace, name };
  const service = storedObject({ store }, anyKind(Service), ref) as core.Service;
  const portName = portNameOf(service, port);
  const endpoints = storedObject({ store }, anyKind(Endpoints), ref) as core.Endpoints;
  const choices = (endpoints.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const found = ports.find((each) => (each.name ?? '') === portName);
    return found === undefined ? [] : addresses.map(({ ip }) => ({ host: ip, port: found.port }));
  });
  const chosen = choices[Math.floor(world.random() * choices.length)];
  if (chosen === undefined) {
    throw new ApiError('ServiceUnavailable', `no endpoints available for service ${JSON.stringify(name)}`);
  }
  requireAllowed(chosen.host);
  return { scheme, ...chosen, trust: 'nobody' };
}

/** A number is the service's port; its endpoints know it by name. */
function portNameOf({ metadata, spec }: core.Service, port: string): string {
  if (!/^\d+$/.test(port)) return port;
  const found = (spec?.ports ?? []).find((each) => each.port === Number(port));
  if (found !== undefined) return found.name ?? '';
  const message = `no service port ${Number(port)} found for service ${JSON.stringify(metadata.name)}`;
  throw new ApiError('ServiceUnavailable', message);
}
