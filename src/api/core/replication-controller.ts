/** A replication controller: keeps a number of pods of one template alive, chosen by plain labels. */
import { AGE_COLUMN, NAME_COLUMN, countColumn, formatLabels, NONE, wideColumn } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import { hasLabels } from '../meta/label-selector.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { validateCounts, validateSetStatus } from '../workload/counts.ts';
import {
  defaultTemplate,
  nameWarnings,
  selectorText,
  templateWarnings,
  validateLasting,
} from '../workload/template.ts';
import { containerImages, containerNames } from './pod/columns.ts';
import { validatePodTemplate } from './pod/template.ts';

export type ReplicationController = core.ReplicationController;

export const ReplicationController = defineResource<ReplicationController>(
  {
    group: '',
    version: 'v1',
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    namespaced: true,
  },
  {
    shortNames: ['rc'],
    categories: ['all'],
    hasStatus: true,
    scale: {
      specReplicas: ({ spec }) => spec.replicas ?? 0,
      statusReplicas: ({ status }) => status?.replicas ?? 0,
      selector: ({ spec }) => selectorText({ matchLabels: spec.selector ?? {} }),
      withReplicas: (controller, replicas) => ({ ...controller, spec: { ...controller.spec, replicas } }),
    },
    applyDefaults,
    prepareForCreate: (controller) => ({ ...controller, status: { replicas: 0 } }),
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateStatusUpdate: ({ status }) => [...validateSetStatus(status)],
    warnings: ({ metadata, spec: { template } }) => [
      ...nameWarnings(metadata.name),
      ...(template === undefined ? [] : templateWarnings(template, 'template')),
    ],
    columns: [
      NAME_COLUMN,
      countColumn('Desired', 'How many replicas there are to be.', ({ spec }) => spec.replicas ?? 0),
      countColumn('Current', 'How many replicas there are.', ({ status }) => status?.replicas ?? 0),
      countColumn('Ready', 'How many replicas are ready.', ({ status }) => status?.readyReplicas ?? 0),
      AGE_COLUMN,
      wideColumn('Containers', 'The names of the containers in the template.', ({ spec }) =>
        spec.template === undefined ? NONE : containerNames(spec.template.spec.containers),
      ),
      wideColumn('Images', 'The images of the containers in the template.', ({ spec }) =>
        spec.template === undefined ? NONE : containerImages(spec.template.spec.containers),
      ),
      wideColumn('Selector', 'Which pods count as replicas.', ({ spec }) => formatLabels(spec.selector)),
    ],
    selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  },
);

type Labels = Readonly<Record<string, string>>;

/** The template's labels stand for the selector and for the labels of whoever has none. */
function applyDefaults(controller: ReplicationController): ReplicationController {
  const { metadata, spec } = controller;
  const template = spec.template === undefined ? undefined : defaultTemplate(spec.template);
  const labels = template?.metadata?.labels;
  const own = labelled(metadata.labels, labels);
  const selector = labelled(spec.selector, labels);
  return {
    ...controller,
    metadata: own === undefined ? metadata : { ...metadata, labels: own },
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      ...(selector === undefined ? {} : { selector }),
      ...(template === undefined ? {} : { template }),
    },
  };
}

function labelled(own: Labels | undefined, ofTemplate: Labels | undefined): Labels | undefined {
  return Object.keys(own ?? {}).length > 0 ? own : ofTemplate;
}

function* validate(spec: core.ReplicationControllerSpec): Generator<FieldError> {
  const { selector = {}, template } = spec;
  yield* validateCounts(spec, ['minReadySeconds'], 'spec');
  if (Object.keys(selector).length === 0) yield required('spec.selector');
  yield* validateCounts(spec, ['replicas'], 'spec');
  if (template === undefined) yield required('spec.template');
  else yield* validateTemplate(template, selector);
}

function* validateTemplate(template: core.PodTemplateSpec, selector: Labels): Generator<FieldError> {
  const labels = template.metadata?.labels;
  if (!hasLabels(labels, selector))
    yield invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  yield* validatePodTemplate(template, 'spec.template');
  yield* validateLasting(template.spec, 'spec.template.spec', 'ReplicationController');
}
