/** Validates the ports of containers, and ports by number or name wherever they are referred to. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkPortName, checkPortNumber } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { Container, ContainerPort } from '../../types/core-v1.ts';

const PORT_PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];

export function* validateContainerPorts(ports: readonly ContainerPort[], field: string): Generator<FieldError> {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = `${field}[${index}]`;
    yield* validatePortNameOnce(port.name ?? '', names, `${path}.name`);
    if (port.containerPort) yield* validatePortNumber(port.containerPort, `${path}.containerPort`);
    else yield required(`${path}.containerPort`);
    if (port.hostPort) yield* validatePortNumber(port.hostPort, `${path}.hostPort`);
    yield* validateProtocol(port.protocol, `${path}.protocol`);
  }
}

export function* validatePortNumber(port: number, field: string): Generator<FieldError> {
  for (const problem of checkPortNumber(port)) yield invalid(field, port, problem);
}

export function* validatePortNumberOrName(port: number | string | undefined, field: string): Generator<FieldError> {
  if (typeof port === 'string') yield* validateName(port, checkPortName, field);
  else yield* validatePortNumber(port ?? 0, field);
}

export function* validateProtocol(protocol: string | undefined, field: string): Generator<FieldError> {
  if (!protocol) yield required(field);
  else if (!PORT_PROTOCOLS.includes(protocol)) yield notSupported(field, protocol, PORT_PROTOCOLS);
}

/** Two containers of a pod cannot have the same port of the host. */
export function* validateHostPortsOnce(containers: readonly Container[], field: string): Generator<FieldError> {
  const taken = new Set<string>();
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [portIndex, { protocol = '', hostIP = '', hostPort = 0 }] of ports.entries()) {
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (hostPort !== 0 && taken.has(key)) yield duplicate(`${field}[${index}].ports[${portIndex}].hostPort`, key);
      if (hostPort !== 0) taken.add(key);
    }
  }
}

function* validatePortNameOnce(name: string, names: Set<string>, field: string): Generator<FieldError> {
  if (name === '') return;
  const problems = checkPortName(name);
  for (const problem of problems) yield invalid(field, name, problem);
  if (problems.length > 0) return;
  if (names.has(name)) yield duplicate(field, name);
  names.add(name);
}
