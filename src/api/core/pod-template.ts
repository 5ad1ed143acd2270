/** A pod template that stands alone: what pods could be made from, kept for whoever makes them. */
import { NAME_COLUMN, column, formatLabels } from '../meta/columns.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { defaultTemplate, templateWarnings } from '../workload/template.ts';
import { containerImages, containerNames } from './pod/columns.ts';
import { validatePodTemplate } from './pod/template.ts';

export type PodTemplate = core.PodTemplate;

export const PodTemplate = defineResource<PodTemplate>(
  {
    group: '',
    version: 'v1',
    kind: 'PodTemplate',
    plural: 'podtemplates',
    namespaced: true,
  },
  {
    generations: 'always',
    applyDefaults: (object) => ({ ...object, template: defaultTemplate(object.template) }),
    validateName: checkDnsSubdomain,
    validate: ({ template }) => [...validatePodTemplate(template, 'template')],
    warnings: ({ template }) => templateWarnings(template, 'template'),
    columns: [
      NAME_COLUMN,
      column('Containers', 'The names of the containers.', ({ template }) => containerNames(template.spec.containers)),
      column('Images', 'The images of the containers.', ({ template }) => containerImages(template.spec.containers)),
      column('Pod Labels', 'The labels that its pods get.', ({ template }) => formatLabels(template.metadata?.labels)),
    ],
  },
);
