/** Validates the rules of an ingress: hosts, paths, and what is behind them. */
import { validatePortNumber } from '../../core/pod/ports.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import { ipFamilyOf } from '../../meta/ip.ts';
import { checkDns1035Label, checkDnsSubdomain, checkPortName, checkWildcardSubdomain } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from '../../types/networking-v1.ts';
import { validateTypedReference } from '../ingress-class.ts';

/** What named the class before the field existed. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export function* validateIngress(ingress: Ingress): Generator<FieldError> {
  yield* validateSpec(ingress.spec);
  // Only a new one: later the class may have been named by someone else.
  if (ingress.metadata.resourceVersion === '') yield* validateClasses(ingress);
}

function* validateSpec(spec: IngressSpec): Generator<FieldError> {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  if (rules.length === 0 && defaultBackend === undefined)
    yield invalid('spec', spec.rules, 'either `defaultBackend` or `rules` must be specified');
  if (defaultBackend !== undefined) yield* validateBackend(defaultBackend, 'spec.defaultBackend');
  for (const [index, rule] of rules.entries()) yield* validateRule(rule, `spec.rules[${index}]`);
  for (const [index, secured] of tls.entries()) yield* validateTls(secured, `spec.tls[${index}]`);
  if (ingressClassName !== undefined) yield* validateName(ingressClassName, checkDnsSubdomain, 'spec.ingressClassName');
}

/** Who names the class twice names the same one. */
function* validateClasses({ metadata, spec }: Ingress): Generator<FieldError> {
  const annotated = metadata.annotations?.[CLASS_ANNOTATION];
  if (annotated !== undefined && spec.ingressClassName !== undefined && annotated !== spec.ingressClassName)
    yield invalid(
      `annotations.${CLASS_ANNOTATION}`,
      annotated,
      'must match `ingressClassName` when both are specified',
    );
}

const checkHost = (host: string): readonly string[] =>
  host.includes('*') ? checkWildcardSubdomain(host) : checkDnsSubdomain(host);

function* validateTls({ hosts = [], secretName = '' }: IngressTLS, field: string): Generator<FieldError> {
  for (const [index, host] of hosts.entries()) yield* validateName(host, checkHost, `${field}.hosts[${index}]`);
  if (secretName !== '') yield* validateName(secretName, checkDnsSubdomain, `${field}.secretName`);
}

function* validateRule({ host = '', http }: IngressRule, field: string): Generator<FieldError> {
  if (ipFamilyOf(host) !== undefined) yield invalid(`${field}.host`, host, 'must be a DNS name, not an IP address');
  if (host !== '') yield* validateName(host, checkHost, `${field}.host`);
  if (http === undefined) return;
  if (http.paths.length === 0) yield required(`${field}.http.paths`);
  for (const [index, path] of http.paths.entries()) yield* validatePath(path, `${field}.http.paths[${index}]`);
}

const PATH_TYPES: readonly string[] = ['Exact', 'ImplementationSpecific', 'Prefix'];

function* validatePath(rule: HTTPIngressPath, field: string): Generator<FieldError> {
  const { path = '', pathType, backend } = rule;
  if (!pathType) {
    yield required(`${field}.pathType`, 'pathType must be specified');
    return;
  }
  if (!PATH_TYPES.includes(pathType)) yield notSupported(`${field}.pathType`, pathType, PATH_TYPES);
  else if (pathType !== 'ImplementationSpecific') yield* validatePlainPath(path, `${field}.path`);
  else if (path !== '') yield* validateAbsolute(path, `${field}.path`);
  yield* validateBackend(backend, `${field}.backend`);
}

function* validateAbsolute(path: string, field: string): Generator<FieldError> {
  if (!path.startsWith('/')) yield invalid(field, path, 'must be an absolute path');
}

// Servers and proxies disagree on what these mean, which is how rules are evaded.
const AMBIGUOUS_PARTS = ['//', '/./', '/../', '%2f', '%2F'];
const AMBIGUOUS_ENDS = ['/..', '/.'];

function* validatePlainPath(path: string, field: string): Generator<FieldError> {
  yield* validateAbsolute(path, field);
  for (const part of AMBIGUOUS_PARTS) if (path.includes(part)) yield invalid(field, path, `must not contain '${part}'`);
  for (const end of AMBIGUOUS_ENDS) if (path.endsWith(end)) yield invalid(field, path, `cannot end with '${end}'`);
}

function* validateBackend({ service, resource }: IngressBackend, field: string): Generator<FieldError> {
  if (resource !== undefined && service !== undefined)
    yield invalid(field, '', 'cannot set both resource and service backends');
  else if (resource !== undefined) yield* validateTypedReference(resource, `${field}.resource`);
  else if (service !== undefined) yield* validateService(service, field);
  else yield invalid(field, '', 'resource or service backend is required');
}

function* validateService({ name, port = {} }: IngressServiceBackend, field: string): Generator<FieldError> {
  if (name === '') yield required(`${field}.service.name`);
  else yield* validateName(name, checkDns1035Label, `${field}.service.name`);
  const { name: portName = '', number = 0 } = port;
  if (portName !== '' && number !== 0) yield invalid(field, '', 'cannot set both port name & port number');
  else if (portName !== '') yield* validateName(portName, checkPortName, `${field}.service.port.name`);
  else if (number !== 0) yield* validatePortNumber(number, `${field}.service.port.number`);
  else yield required(field, 'port name or number is required');
}
