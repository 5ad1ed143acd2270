/** Reads a scenario from its document and says of every fault where it is. Pure. */
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error';
import { checkDnsSubdomain } from '#api/meta/names';
import { parseSelector } from '#api/meta/label-selector-parser';
import { validateLabels } from '#api/meta/validate-labels';
import { errorMessage } from '#base/errors';
import { Fields } from './fields.ts';
import {
  type Action,
  type NodeChoice,
  type Scenario,
  SCENARIO_VERSION,
  type TimedAction,
  type WorkloadRef,
} from './scenario.ts';

export type Decoded = { readonly scenario: Scenario } | { readonly errors: readonly FieldError[] };

const KIND = 'Scenario';
const DEFAULT_WARM_UP_MS = 120_000;
const DEFAULT_AWAY_MS = 120_000;
const MOST_NODES = 5_000;
const LONGEST_MS = 7 * 24 * 3_600_000;
const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'];
const SCALABLE = WORKLOADS.filter((kind) => kind !== 'DaemonSet');

export function decodeScenario(document: unknown): Decoded {
  const errors: FieldError[] = [];
  const root = new Fields(document, '', errors);
  requireText(root, 'apiVersion', SCENARIO_VERSION);
  requireText(root, 'kind', KIND);
  const metadata = root.object('metadata');
  const name = metadata.text('name');
  metadata.noOthers();
  const spec = root.object('spec');
  root.noOthers();
  const durationMs = spec.durationMs('duration');
  const isWrong = errors.some(({ field }) => field === 'spec.duration');
  if (durationMs > LONGEST_MS) spec.note(invalid('spec.duration', `${durationMs / 1_000}s`, 'must be a week or less'));
  const warmUpMs = spec.durationMs('warmUp', DEFAULT_WARM_UP_MS);
  const actions = decodeActions(spec.take('actions'), isWrong ? LONGEST_MS : durationMs, errors);
  spec.noOthers();
  return errors.length > 0 ? { errors } : { scenario: { name, durationMs, warmUpMs, actions } };
}

function requireText(fields: Fields, name: string, expected: string): void {
  const value = fields.text(name);
  if (value !== '' && value !== expected) fields.note(notSupported(fields.pathOf(name), value, [expected]));
}

function decodeActions(value: unknown, durationMs: number, errors: FieldError[]): readonly TimedAction[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    errors.push(invalid('spec.actions', value, 'must be a list'));
    return [];
  }
  const actions = value.flatMap((each, index): readonly TimedAction[] => {
    const fields = new Fields(each, `spec.actions[${index}]`, errors);
    const atMs = fields.durationMs('at', 0);
    if (atMs > durationMs)
      fields.note(invalid(fields.pathOf('at'), fields.take('at'), 'must not be after the end, which is spec.duration'));
    const action = decodeAction(fields);
    fields.noOthers();
    return action === undefined ? [] : [{ atMs, action }];
  });
  return actions.toSorted((left, right) => left.atMs - right.atMs);
}

const DECODE: Readonly<Record<Action['type'], (fields: Fields) => Action>> = {
  drain: (fields) => ({ type: 'drain', on: nodeChoice(fields) }),
  uncordon: (fields) => ({ type: 'uncordon', on: nodeChoice(fields) }),
  outage: (fields) => ({ type: 'outage', on: nodeChoice(fields), forMs: fields.durationMs('for') }),
  upgradeNodes: (fields) => ({
    type: 'upgradeNodes',
    on: nodeChoice(fields),
    awayMs: fields.durationMs('away', DEFAULT_AWAY_MS),
  }),
  addNodes: (fields) => ({ type: 'addNodes', add: newNodes(fields) }),
  removeNodes: (fields) => ({ type: 'removeNodes', on: nodeChoice(fields) }),
  traffic: (fields) => ({
    type: 'traffic',
    workload: workloadRef(fields, WORKLOADS),
    milliCores: fields.milliCores('cpu'),
  }),
  rollout: (fields) => {
    const container = fields.has('container') ? { container: fields.text('container') } : {};
    return { type: 'rollout', workload: workloadRef(fields, WORKLOADS), image: fields.text('image'), ...container };
  },
  scale: (fields) => ({
    type: 'scale',
    workload: workloadRef(fields, SCALABLE),
    replicas: fields.wholeNumber('replicas'),
  }),
};

function decodeAction(fields: Fields): Action | undefined {
  const types = (Object.keys(DECODE) as Action['type'][]).filter((type) => fields.has(type));
  const [type, ...others] = types;
  if (type === undefined) {
    fields.note(required(fields.pathOf('<action>'), `one of ${Object.keys(DECODE).join(', ')}`));
    return undefined;
  }
  for (const other of others) fields.note(invalid(fields.pathOf(other), other, 'must be the only action of its entry'));
  for (const other of others) decodeAs(other, fields);
  return decodeAs(type, fields);
}

function decodeAs(type: Action['type'], fields: Fields): Action {
  const inner = fields.object(type);
  const action = DECODE[type](inner);
  inner.noOthers();
  return action;
}

function nodeChoice(fields: Fields): NodeChoice {
  if (fields.has('zone')) return { zone: fields.text('zone') };
  if (fields.has('selector')) return { selector: selector(fields) };
  const nodes = fields.take('nodes');
  if (nodes === undefined) fields.note(required(fields.pathOf('nodes'), 'or zone, or selector'));
  else if (!Array.isArray(nodes) || nodes.length === 0 || !nodes.every((each) => typeof each === 'string')) {
    fields.note(invalid(fields.pathOf('nodes'), nodes, 'must be a list of names'));
  } else return { nodes };
  return { nodes: [] };
}

function selector(fields: Fields): string {
  const text = fields.text('selector');
  try {
    parseSelector(text);
  } catch (error) {
    fields.note(invalid(fields.pathOf('selector'), text, errorMessage(error)));
  }
  return text;
}

function workloadRef(fields: Fields, kinds: readonly string[]): WorkloadRef {
  const workload = fields.object('workload');
  const kind = workload.text('kind', 'Deployment');
  if (!kinds.includes(kind)) workload.note(notSupported(workload.pathOf('kind'), kind, kinds));
  const ref = { kind, namespace: workload.text('namespace', 'default'), name: workload.text('name') };
  workload.noOthers();
  return ref;
}

const MOST_PODS = 250;
const USUAL_PODS = 110;

function newNodes(fields: Fields) {
  const count = fields.wholeNumber('count');
  if (count < 1 || count > MOST_NODES)
    fields.note(invalid(fields.pathOf('count'), count, `must be 1 to ${MOST_NODES}`));
  const namePrefix = fields.text('namePrefix', 'added');
  for (const fault of checkDnsSubdomain(`${namePrefix}-${MOST_NODES}`)) {
    fields.note(invalid(fields.pathOf('namePrefix'), namePrefix, fault));
  }
  const labels = fields.texts('labels');
  for (const fault of validateLabels(labels, fields.pathOf('labels'))) fields.note(fault);
  const capacity = fields.object('capacity');
  const size = {
    milliCores: capacity.milliCores('cpu'),
    memoryBytes: capacity.bytes('memory'),
    pods: capacity.wholeNumber('pods', USUAL_PODS),
  };
  if (size.pods > MOST_PODS) capacity.note(invalid(capacity.pathOf('pods'), size.pods, `must be ${MOST_PODS} or less`));
  capacity.noOthers();
  return { count, namePrefix, labels, ...size };
}
