/** What a workload asks of scheduling: templates from which its controller makes pod groups. */
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, forbidden, invalid, required, tooMany } from '../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as scheduling from '../types/scheduling-v1alpha3.ts';
import { validateGroupParts, validateGroupPartsUpdate, validateOneOf, validateUnchanged } from './group-parts.ts';

export type Workload = scheduling.Workload;

const MOST_TEMPLATES = 8;
const TEMPLATES = 'spec.podGroupTemplates';

export const Workload = defineResource<Workload>(
  { group: 'scheduling.k8s.io', version: 'v1alpha3', kind: 'Workload', plural: 'workloads', namespaced: true },
  {
    generations: 'always',
    updates: 'conditional',
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateUpdate: (next, stored) => [...validateUpdate(next.spec, stored.spec)],
    columns: [
      NAME_COLUMN,
      column('Templates', 'What its pod groups are made from.', ({ spec }) =>
        (spec.podGroupTemplates ?? []).map(({ name }) => name).join(','),
      ),
      AGE_COLUMN,
    ],
  },
);

function* validate(spec: scheduling.WorkloadSpec): Generator<FieldError> {
  yield* validateOwner(spec.controllerRef);
  const { podGroupTemplates: templates = [], compositePodGroupTemplates: composite = [] } = spec;
  if (composite.length > 0) yield forbidden('spec.compositePodGroupTemplates', '');
  yield* validateOneOf(
    templates.length === 0 ? {} : { podGroupTemplates: templates },
    ['podGroupTemplates', 'compositePodGroupTemplates'],
    'spec',
  );
  if (templates.length > MOST_TEMPLATES) yield tooMany(TEMPLATES, templates.length, MOST_TEMPLATES);
  const seen = new Set<string>();
  for (const [index, template] of templates.entries()) {
    const path = `${TEMPLATES}[${index}]`;
    if (template.name === '') yield required(`${path}.name`);
    else yield* validateName(template.name, checkDnsLabel, `${path}.name`);
    if (seen.has(template.name)) yield duplicate(path, { name: template.name });
    seen.add(template.name);
    yield* validateGroupParts(template, path);
  }
}

function* validateOwner(owner: scheduling.TypedLocalObjectReference | undefined): Generator<FieldError> {
  if (owner === undefined) return;
  const { apiGroup = '' } = owner;
  if (apiGroup !== '') yield* validateName(apiGroup, checkDnsSubdomain, 'spec.controllerRef.apiGroup');
  for (const field of ['kind', 'name'] as const) {
    const path = `spec.controllerRef.${field}`;
    if (owner[field] === '') yield required(path);
    else if (/^\.{1,2}$|[/%]/.test(owner[field]))
      yield invalid(path, owner[field], `may not be '.' or '..' or contain '/' or '%'`);
  }
}

/** Templates stay; of each, only the size of its gang may change. */
function* validateUpdate(next: scheduling.WorkloadSpec, stored: scheduling.WorkloadSpec): Generator<FieldError> {
  yield* validateUnchanged(next.controllerRef, stored.controllerRef, 'spec.controllerRef');
  const former = new Map((stored.podGroupTemplates ?? []).map((template) => [template.name, template]));
  for (const [index, template] of (next.podGroupTemplates ?? []).entries()) {
    const path = `${TEMPLATES}[${index}]`;
    const before = former.get(template.name);
    if (before === undefined) yield forbidden(path, 'item may not be added');
    else yield* validateGroupPartsUpdate(template, before, path);
    former.delete(template.name);
  }
  if (former.size > 0) yield forbidden(TEMPLATES, 'item may not be removed');
}
