/** Validates the ports of a service. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, required } from '../../meta/field-error.ts';
import { checkDnsLabel, checkQualifiedName } from '../../meta/names.ts';
import { repeatsIn } from '../../meta/repeats.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { ServicePort, ServiceSpec } from '../../types/core-v1.ts';
import { validatePortNumber, validatePortNumberOrName, validateProtocol } from '../pod/ports.ts';
import { isHeadless } from './exposure.ts';

const FIELD = 'spec.ports';

export function* validateServicePorts(spec: ServiceSpec): Generator<FieldError> {
  const { ports = [], type } = spec;
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') yield required(FIELD);
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const field = `${FIELD}[${index}]`;
    yield* validatePortName(port.name ?? '', { names, isNeeded: ports.length > 1 }, `${field}.name`);
    yield* validatePort(port, field);
    if (type === 'ClusterIP' && port.nodePort)
      yield forbidden(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'");
  }
  yield* validateOnce(ports);
}

type Names = { readonly names: Set<string>; readonly isNeeded: boolean };

function* validatePortName(name: string, { names, isNeeded }: Names, field: string): Generator<FieldError> {
  if (name === '') {
    if (isNeeded) yield required(field);
    return;
  }
  yield* validateName(name, checkDnsLabel, field);
  if (names.has(name)) yield duplicate(field, name);
  names.add(name);
}

function* validatePort({ port, protocol, targetPort, appProtocol }: ServicePort, field: string): Generator<FieldError> {
  yield* validatePortNumber(port, `${field}.port`);
  yield* validateProtocol(protocol, `${field}.protocol`);
  yield* validatePortNumberOrName(targetPort, `${field}.targetPort`);
  if (appProtocol !== undefined) yield* validateName(appProtocol, checkQualifiedName, `${field}.appProtocol`);
}

/** One number is one port for each protocol, in the cluster and on the nodes. */
function* validateOnce(ports: readonly ServicePort[]): Generator<FieldError> {
  const keys = ports.map(({ protocol, nodePort }) => `${protocol}/${nodePort ?? 0}`);
  const repeatedNodePorts = repeatsIn(keys);
  for (const [index, { nodePort = 0 }] of ports.entries())
    if (nodePort !== 0 && repeatedNodePorts.has(index)) yield duplicate(`${FIELD}[${index}].nodePort`, nodePort);
  const numbers = ports.map(({ protocol, port }) => `${protocol}/${port}`);
  const repeatedPorts = repeatsIn(numbers);
  for (const [index, { protocol, port }] of ports.entries())
    if (repeatedPorts.has(index))
      // The form in which upstream shows a port of which it knows two fields.
      yield duplicate(`${FIELD}[${index}]`, {
        Name: '',
        Protocol: protocol,
        AppProtocol: null,
        Port: port,
        TargetPort: 0,
        NodePort: 0,
      });
}
