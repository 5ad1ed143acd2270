/** A container's variables: services, `envFrom`, `env` with references, in upstream's order of precedence. */
import type { ConfigMap } from '#api/core/config-map';
import type { Pod } from '#api/core/pod';
import type { Secret } from '#api/core/secret';
import type { Container, EnvFromSource, EnvVar, EnvVarSource } from '#api/types/core-v1';
import { ConfigError } from './config-error.ts';
import { expandReferences } from './expand-references.ts';
import { fieldValue, type PodAddresses } from './field-value.ts';
import { resourceValue, type ResourceList } from './resource-value.ts';

/** Undefined when there is no such object; all in the pod's namespace. */
export type ObjectLookup = {
  readonly configMap: (name: string) => ConfigMap | undefined;
  readonly secret: (name: string) => Secret | undefined;
};

export type EnvironmentInput = {
  readonly pod: Pod;
  readonly container: Container;
  readonly objects: ObjectLookup;
  readonly services: ReadonlyMap<string, string>;
  readonly addresses: PodAddresses;
  readonly allocatable: ResourceList;
};

export type Environment = {
  readonly variables: ReadonlyMap<string, string>;
  /** Keys of `envFrom` that cannot name a variable, as `source/key`. */
  readonly skipped: readonly string[];
};

/** Throws `ConfigError` when something it needs is missing. */
export function containerEnvironment(input: EnvironmentInput): Environment {
  const { env, envFrom } = input.container;
  if (env === undefined && envFrom === undefined) return { variables: input.services, skipped: [] };
  const variables = new Map<string, string>();
  const skipped: string[] = [];
  for (const source of envFrom ?? []) addAll(variables, skipped, { source, input });
  for (const variable of env ?? []) {
    const value = valueOf(variable, variables, input);
    if (value !== undefined) variables.set(variable.name, value);
  }
  for (const [name, value] of input.services) if (!variables.has(name)) variables.set(name, value);
  return { variables, skipped };
}

/** The names of objects that `container` takes variables from. */
export function environmentSources(container: Container): {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
} {
  const { env = [], envFrom = [] } = container;
  const configMaps = [
    ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
  ];
  const secrets = [
    ...envFrom.map(({ secretRef }) => secretRef?.name),
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ];
  const known = (names: readonly (string | undefined)[]): readonly string[] => [
    ...new Set(names.filter((name) => name !== undefined)),
  ];
  return { configMaps: known(configMaps), secrets: known(secrets) };
}

type Addition = { readonly source: EnvFromSource; readonly input: EnvironmentInput };

function addAll(variables: Map<string, string>, skipped: string[], { source, input }: Addition): void {
  const { prefix = '' } = source;
  for (const [key, value] of dataOf(source, input)) {
    const name = prefix + key;
    // What the kernel cannot hold as a variable; upstream reports it and goes on.
    if (name === '' || /[=\0]/.test(name)) skipped.push(`${sourceName(source)}/${key}`);
    else variables.set(name, value);
  }
}

function dataOf(source: EnvFromSource, { objects }: EnvironmentInput): readonly (readonly [string, string])[] {
  const { configMapRef, secretRef } = source;
  if (configMapRef !== undefined) {
    const found = objects.configMap(configMapRef.name ?? '') ?? absent('configmap', configMapRef);
    return Object.entries(found.data ?? {});
  }
  if (secretRef === undefined) return [];
  const found = objects.secret(secretRef.name ?? '') ?? absent('secret', secretRef);
  return Object.entries(found.data ?? {}).map(([key, value]) => [key, decoded(value)]);
}

/** Nothing where the source may be missing. */
function absent(
  kind: 'configmap' | 'secret',
  { name, optional }: { readonly name?: string; readonly optional?: boolean },
): { readonly data?: Readonly<Record<string, string>> } {
  if (optional === true) return {};
  throw missing(kind, name);
}

function sourceName({ configMapRef, secretRef }: EnvFromSource): string {
  return configMapRef?.name ?? secretRef?.name ?? '';
}

function valueOf(
  { value = '', valueFrom }: EnvVar,
  variables: ReadonlyMap<string, string>,
  input: EnvironmentInput,
): string | undefined {
  if (valueFrom !== undefined) return readSource(valueFrom, input);
  return expandReferences(value, (name) => variables.get(name) ?? input.services.get(name));
}

function readSource(source: EnvVarSource, input: EnvironmentInput): string | undefined {
  if (source.fieldRef !== undefined) return readField(source.fieldRef.fieldPath, input);
  if (source.resourceFieldRef !== undefined) return readResource(source.resourceFieldRef, input);
  if (source.configMapKeyRef !== undefined) return readConfigMap(source.configMapKeyRef, input);
  if (source.secretKeyRef !== undefined) return readSecret(source.secretKeyRef, input);
  throw new ConfigError('Cannot read a variable from a file: the source is not supported by this node');
}

function readField(path: string, { pod, addresses }: EnvironmentInput): string {
  const value = fieldValue(pod, path, addresses);
  if (value === undefined) throw new ConfigError(`unsupported fieldPath: ${path}`);
  return value;
}

function readResource(
  selector: NonNullable<EnvVarSource['resourceFieldRef']>,
  { pod, container, allocatable }: EnvironmentInput,
): string {
  const { containerName } = selector;
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const of =
    containerName === undefined || containerName === '' ? container : all.find(({ name }) => name === containerName);
  const value = of === undefined ? undefined : resourceValue(of, selector, allocatable);
  if (value === undefined) throw new ConfigError(`unsupported container resource : ${selector.resource}`);
  return value;
}

type KeySelector = { readonly name?: string; readonly key: string; readonly optional?: boolean };

function readConfigMap(
  { name = '', key, optional }: KeySelector,
  { objects, pod }: EnvironmentInput,
): string | undefined {
  const found = objects.configMap(name);
  const value = found?.data?.[key];
  if (value !== undefined || optional === true) return value;
  if (found === undefined) throw missing('configmap', name);
  throw new ConfigError(`couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}`);
}

function readSecret({ name = '', key, optional }: KeySelector, { objects, pod }: EnvironmentInput): string | undefined {
  const found = objects.secret(name);
  const value = found?.data?.[key];
  if (value !== undefined) return decoded(value);
  if (optional === true) return undefined;
  if (found === undefined) throw missing('secret', name);
  throw new ConfigError(`couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}`);
}

function missing(kind: 'configmap' | 'secret', name = ''): ConfigError {
  return new ConfigError(`${kind} ${JSON.stringify(name)} not found`);
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
