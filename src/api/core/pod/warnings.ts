/** What a pod's author should know although the pod is valid: outdated fields, and settings that do nothing or surprise. */
import { milliValue } from '../../meta/quantity-arithmetic.ts';
import { checkLabelValue } from '../../meta/names.ts';
import { repeatsIn } from '../../meta/repeats.ts';
import type {
  Container,
  EnvVar,
  HostAlias,
  LocalObjectReference,
  NodeAffinity,
  NodeSelectorTerm,
  PodAffinity,
  PodSpec,
  TopologySpreadConstraint,
  Volume,
  VolumeProjection,
} from '../../types/core-v1.ts';
import { APP_ARMOR_OF_CONTAINER, SECCOMP_OF_CONTAINER, SECCOMP_OF_POD } from './annotations.ts';
import { outdated, termWarnings } from '../outdated-labels.ts';
import { portWarnings } from './port-warnings.ts';
import { containersOf } from './visit.ts';

export type WarnedPod = {
  readonly spec: PodSpec;
  readonly annotations: Readonly<Record<string, string>>;
  /** Where the template stands; empty for a pod. */
  readonly prefix: string;
};

// Pods of one template share their spec; what it gives cause for is worked out once.
const known = new WeakMap<PodSpec, readonly string[]>();

export function podWarnings(pod: WarnedPod): readonly string[] {
  const { spec, annotations, prefix } = pod;
  if (prefix !== '' || !Object.isFrozen(spec) || Object.keys(annotations).some(isOfSecurity)) return allWarnings(pod);
  const before = known.get(spec);
  if (before !== undefined) return before;
  const found = Object.freeze(allWarnings(pod));
  known.set(spec, found);
  return found;
}

/** Annotations that may give cause for warnings. */
const isOfSecurity = (key: string): boolean =>
  key.includes('alpha.kubernetes.io/') || key.includes('beta.kubernetes.io/');

function allWarnings(pod: WarnedPod): readonly string[] {
  const { spec, prefix } = pod;
  const field = `${prefix}spec`;
  return [
    ...ofPart(spec.nodeSelector, (selector) => selectorWarnings(selector, `${field}.nodeSelector`)),
    ...ofPart(spec.affinity?.nodeAffinity, (wish) => nodeAffinityWarnings(wish, `${field}.affinity.nodeAffinity`)),
    ...ofPart(spec.topologySpreadConstraints, (list) => spreadWarnings(list, `${field}.topologySpreadConstraints`)),
    ...annotationWarnings(pod),
    ...ofPart(spec.volumes, (volumes) => volumesWarnings(volumes, `${field}.volumes`)),
    ...ofPart(spec.hostAliases, (aliases) => hostAliasWarnings(aliases, `${field}.hostAliases`)),
    ...ofPart(spec.imagePullSecrets, (secrets) => pullSecretWarnings(secrets, `${field}.imagePullSecrets`)),
    ...ofPart(spec.overhead, (overhead) => fractionWarnings(overhead, `${field}.overhead`)),
    ...containerWarnings(pod, field),
    ...portWarnings(spec, field),
    ...graceWarnings(spec, field),
    ...ofPart(spec.affinity?.podAffinity, (near) => affinityWarnings(near, `${field}.affinity.podAffinity`)),
    ...ofPart(spec.affinity?.podAntiAffinity, (far) => affinityWarnings(far, `${field}.affinity.podAntiAffinity`)),
  ];
}

const NO_WARNINGS: readonly string[] = Object.freeze([]);

/** Most parts are left out by most pods. */
const ofPart = <T extends object>(part: T | undefined, look: (part: T) => Iterable<string>): Iterable<string> =>
  part ? look(part) : NO_WARNINGS;

function* selectorWarnings(selector: Readonly<Record<string, string>>, field: string): Generator<string> {
  for (const key of Object.keys(selector)) if (outdated(key) !== undefined) yield `${field}[${key}]: ${outdated(key)}`;
}

function* nodeAffinityWarnings(affinity: NodeAffinity, field: string): Generator<string> {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed } = affinity;
  const { preferredDuringSchedulingIgnoredDuringExecution: liked = [] } = affinity;
  for (const [index, term] of (needed?.nodeSelectorTerms ?? []).entries())
    yield* termWarnings(term, `${field}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`);
  for (const [index, { preference }] of liked.entries()) {
    const path = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`;
    yield* termWarnings(preference, path);
    yield* valueWarnings(preference, path);
  }
}

function* valueWarnings({ matchExpressions = [] }: NodeSelectorTerm, field: string): Generator<string> {
  for (const [index, { values = [] }] of matchExpressions.entries())
    for (const [valueIndex, value] of values.entries())
      for (const problem of checkLabelValue(value))
        yield `${field}.matchExpressions[${index}].values[${valueIndex}]: ${value} is invalid, ${problem}`;
}

function* spreadWarnings(constraints: readonly TopologySpreadConstraint[], field: string): Generator<string> {
  for (const [index, { topologyKey, labelSelector }] of constraints.entries()) {
    if (outdated(topologyKey) !== undefined)
      yield `${field}[${index}].topologyKey: ${topologyKey} is ${outdated(topologyKey)}`;
    if (labelSelector === undefined) yield `${field}[${index}].labelSelector: ${MATCHES_NOTHING}`;
  }
}

const MATCHES_NOTHING = 'a null labelSelector results in matching no pod';

const OUTDATED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const SECCOMP_GONE = 'non-functional in v1.27+; use the "seccompProfile" field instead';

function annotationWarnings(pod: WarnedPod): Iterable<string> {
  return Object.keys(pod.annotations).length === 0 ? NO_WARNINGS : outdatedAnnotations(pod);
}

function* outdatedAnnotations({ spec, annotations, prefix }: WarnedPod): Generator<string> {
  const field = `${prefix}metadata.annotations`;
  for (const [key, message] of Object.entries(OUTDATED_ANNOTATIONS))
    if (annotations[key] !== undefined) yield `${field}[${key}]: ${message}`;
  if (annotations[SECCOMP_OF_POD] !== undefined && spec.securityContext?.seccompProfile === undefined)
    yield `${field}[${SECCOMP_OF_POD}]: ${SECCOMP_GONE}`;
}

const OUTDATED_VOLUMES: readonly (readonly [keyof Volume, string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

// Many pods in a row have nothing but the files of their account, in one list for all.
let fineBefore: readonly Volume[] | undefined;

function volumesWarnings(volumes: readonly Volume[], field: string): readonly string[] {
  if (volumes === fineBefore) return NO_WARNINGS;
  const found = [...volumeWarnings(volumes, field), ...tokenPathWarnings(volumes, field)];
  if (found.length === 0 && Object.isFrozen(volumes)) fineBefore = volumes;
  return found;
}

function* volumeWarnings(volumes: readonly Volume[], field: string): Generator<string> {
  for (const [index, volume] of volumes.entries())
    for (const [source, message] of OUTDATED_VOLUMES)
      if (volume[source] !== undefined) yield `${field}[${index}].${source}: ${message}`;
}

/** A file of a projection that stands where a token is to be written hides it. */
function* tokenPathWarnings(volumes: readonly Volume[], field: string): Generator<string> {
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const tokens = new Set(sources.flatMap(({ serviceAccountToken }) => serviceAccountToken?.path ?? []));
  if (tokens.size === 0) return;
  for (const [index, { projected }] of volumes.entries())
    for (const { place, path } of (projected?.sources ?? []).flatMap(filesOf))
      if (tokens.has(path))
        yield `${field}[${index}].projected.sources.${place}: has duplicated path with ServiceAccountToken ${JSON.stringify(path)}`;
}

function filesOf({ configMap, secret, downwardAPI }: VolumeProjection): readonly { place: string; path: string }[] {
  const named = (noun: string, items: readonly { readonly path: string }[] = []): { place: string; path: string }[] =>
    items.map(({ path }, index) => ({ place: `${noun}[${index}]`, path }));
  return [
    ...named('configMap', configMap?.items),
    ...named('secrets', secret?.items),
    ...named('downwardAPI', downwardAPI?.items),
  ];
}

function* duplicates(values: readonly string[], field: string, noun: string): Generator<string> {
  for (const index of repeatsIn(values))
    yield `${field}[${index}].${noun}: duplicate ${noun} ${JSON.stringify(values[index])}`;
}

const hostAliasWarnings = (aliases: readonly HostAlias[], field: string): Iterable<string> =>
  duplicates(
    aliases.map(({ ip }) => ip),
    field,
    'ip',
  );

function* pullSecretWarnings(secrets: readonly LocalObjectReference[], field: string): Generator<string> {
  const names = secrets.map(({ name = '' }) => name);
  yield* duplicates(names, field, 'name');
  for (const [index, name] of names.entries()) if (name === '') yield `${field}[${index}].name: invalid empty name ""`;
}

/** There are no parts of a byte. */
function* fractionWarnings(list: Readonly<Record<string, string>>, field: string): Generator<string> {
  for (const name of ['memory', 'ephemeral-storage']) {
    const text = list[name];
    if (text !== undefined && milliValue(text) % 1000 !== 0)
      yield `${field}[${name}]: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`;
  }
}

function* containerWarnings(pod: WarnedPod, field: string): Generator<string> {
  const isAnnotated = Object.keys(pod.annotations).length > 0;
  for (const { container, field: path } of containersOf(pod.spec, field)) {
    const { limits, requests } = container.resources ?? {};
    if (isAnnotated) yield* profileWarnings(container, pod);
    yield* ofPart(limits, (list) => fractionWarnings(list, `${path}.resources.limits`));
    yield* ofPart(requests, (list) => fractionWarnings(list, `${path}.resources.requests`));
    yield* ofPart(container.env, (variables) => variableWarnings(variables, `${path}.env`));
  }
}

/** Security profiles by annotation, where no field says the same. */
function* profileWarnings(container: Container, { spec, annotations, prefix }: WarnedPod): Generator<string> {
  const { seccompProfile, appArmorProfile = spec.securityContext?.appArmorProfile } = container.securityContext ?? {};
  const field = `${prefix}metadata.annotations`;
  const seccomp = SECCOMP_OF_CONTAINER + container.name;
  if (annotations[seccomp] !== undefined && seccompProfile === undefined) yield `${field}[${seccomp}]: ${SECCOMP_GONE}`;
  const appArmor = APP_ARMOR_OF_CONTAINER + container.name;
  if (annotations[appArmor] !== undefined && appArmorProfile === undefined)
    yield `${field}[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`;
}

/** A name that comes again replaces what came before, unless it is built from it: `X=$(X):more`. */
function* variableWarnings(variables: readonly EnvVar[], field: string): Generator<string> {
  const seen = new Set<string>();
  for (const [index, { name, value = '', valueFrom }] of variables.entries()) {
    const itself = `$(${name})`;
    const builds = valueFrom === undefined && value !== itself && value.includes(itself);
    if (seen.has(name) && !builds)
      yield `${field}[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
    seen.add(name);
  }
}

function* graceWarnings({ terminationGracePeriodSeconds: grace = 0 }: PodSpec, field: string): Generator<string> {
  if (grace < 0)
    yield `${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`;
}

function* affinityWarnings(affinity: PodAffinity, field: string): Generator<string> {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed = [] } = affinity;
  const { preferredDuringSchedulingIgnoredDuringExecution: liked = [] } = affinity;
  for (const [index, { labelSelector }] of needed.entries())
    if (labelSelector === undefined)
      yield `${field}.requiredDuringSchedulingIgnoredDuringExecution[${index}].labelSelector: ${MATCHES_NOTHING}`;
  for (const [index, { podAffinityTerm }] of liked.entries())
    if (podAffinityTerm.labelSelector === undefined)
      yield `${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm.labelSelector: ${MATCHES_NOTHING}`;
}
