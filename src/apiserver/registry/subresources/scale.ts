/** `/scale`: replicas of any kind that has them, in one form for `kubectl scale` and autoscalers. */
import { invalidError } from '#api/errors';
import { invalid } from '#api/meta/field-error';
import { ageOf } from '#api/meta/human-duration';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { Column, ResourceDefinition, ScaleAccess } from '#api/resource';
import type * as autoscaling from '#api/types/autoscaling-v1';
import { applyObject } from '../apply.ts';
import type { RegistryContext } from '../context.ts';
import { storedObject } from '../list.ts';
import { patchedWith } from '../patch.ts';
import { requireSameName } from '../request-body.ts';
import type { Subresource } from '../resources.ts';
import { applyIntent } from '../update.ts';

const SCALE = { group: 'autoscaling', version: 'v1', apiVersion: 'autoscaling/v1', kind: 'Scale' } as const;

const COLUMNS: readonly Column<ApiObject>[] = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    priority: 0,
    description: 'The name, unique within a namespace',
    cell: ({ metadata }) => metadata.name,
  },
  {
    name: 'Desired',
    type: 'integer',
    priority: 0,
    description: 'How many replicas are wanted',
    cell: (object) => (object as autoscaling.Scale).spec?.replicas ?? 0,
  },
  {
    name: 'Available',
    type: 'integer',
    priority: 0,
    description: 'How many replicas there are',
    cell: (object) => (object as autoscaling.Scale).status?.replicas ?? 0,
  },
  {
    name: 'Age',
    type: 'string',
    priority: 0,
    description: 'The time since creation',
    cell: ({ metadata }, nowMs) => ageOf(metadata.creationTimestamp, nowMs),
  },
];

export function scaleSubresource(access: ScaleAccess<ApiObject>): Subresource {
  return {
    name: 'scale',
    type: SCALE,
    verbs: ['get', 'patch', 'update'],
    columns: COLUMNS,
    handle: (context, definition, request) =>
      request.verb === 'get'
        ? readScale(context, { definition, access }, request)
        : request.patchType === 'application/apply-patch+yaml'
          ? applyScale(context, { definition, access }, request)
          : writeScale(context, { definition, access }, request),
  };
}

type Scaled = { readonly definition: ResourceDefinition; readonly access: ScaleAccess<ApiObject> };

async function readScale(
  context: RegistryContext,
  { definition, access }: Scaled,
  { name = '', namespace }: ApiRequest,
): Promise<ApiResult> {
  const object = storedObject(context, definition, { name, namespace });
  return { type: 'object', status: 200, object: scaleOf(access, object) };
}

async function writeScale(
  context: RegistryContext,
  { definition, access }: Scaled,
  request: ApiRequest,
): Promise<ApiResult> {
  const result = await applyIntent(context, { definition, request, status: false }, (stored) => {
    const wanted = wantedScale(context, request, scaleOf(access, stored));
    const next = access.withReplicas(stored, wanted.spec?.replicas ?? 0);
    const { uid = stored.metadata.uid, resourceVersion = '' } = wanted.metadata ?? {};
    return { sent: { ...next, metadata: { ...next.metadata, uid, resourceVersion } } };
  });
  return result.type === 'object' ? { ...result, object: scaleOf(access, result.object) } : result;
}

/** To the object that is scaled, an applied Scale is an apply of its replicas. */
async function applyScale(
  context: RegistryContext,
  { definition, access }: Scaled,
  request: ApiRequest,
): Promise<ApiResult> {
  const sent = context.decode({ value: request.body }, SCALE, request.options.fieldValidation).object as SentScale;
  const { apiVersion, kind } = definition;
  const { name = request.name, uid, resourceVersion } = sent.metadata ?? {};
  const metadata = { name, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  const replicas = sent.spec?.replicas;
  const body = { apiVersion, kind, metadata, ...(replicas === undefined ? {} : { spec: { replicas } }) };
  const result = await applyObject(context, definition, { ...request, body });
  return result.type === 'object' ? { ...result, object: scaleOf(access, result.object) } : result;
}

type SentScale = {
  readonly metadata?: { readonly name?: string; readonly uid?: string; readonly resourceVersion?: string };
  readonly spec?: { readonly replicas?: number };
};

function wantedScale(context: RegistryContext, request: ApiRequest, current: ApiObject): SentScale {
  const body =
    request.verb === 'patch' ? patchedWith(context, request, { object: current, type: SCALE }) : request.body;
  const sent = context.decode({ value: body }, SCALE, request.options.fieldValidation).object as SentScale;
  const name = request.name ?? '';
  requireSameName(sent.metadata?.name, name);
  const replicas = sent.spec?.replicas ?? 0;
  if (replicas >= 0) return sent;
  const error = invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
  throw invalidError(SCALE, name, [error]);
}

function scaleOf(access: ScaleAccess<ApiObject>, object: ApiObject): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = access.selector(object);
  const scale: autoscaling.Scale = {
    apiVersion: SCALE.apiVersion,
    kind: SCALE.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
    },
    spec: { replicas: access.specReplicas(object) },
    status: { replicas: access.statusReplicas(object), ...(selector === '' ? {} : { selector }) },
  };
  return scale;
}
