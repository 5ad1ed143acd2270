/** `/scale` as it was before `autoscaling/v1`: its selector is a map, and a text beside it. */
import { parseSelector } from '#api/meta/label-selector-parser';
import { isJsonObject } from '#api/meta/json-value';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type * as former from '#api/types/extensions-v1beta1';
import type * as autoscaling from '#api/types/autoscaling-v1';
import type { Subresource, TypeName } from '../resources.ts';

/** `now` is the subresource of the version that is stored. */
export function formerScale(now: Subresource, type: TypeName): Subresource {
  const { handle } = now;
  if (handle === undefined) return now;
  const apiVersion = `${type.group}/${type.version}`;
  return {
    ...now,
    type,
    handle: async (context, definition, request) =>
      shown(await handle(context, definition, { ...request, ...bodyNow(request, now.type) }), apiVersion),
  };
}

/** Only the replicas count in what is sent, and they are written alike in all versions. */
function bodyNow({ body }: ApiRequest, { group, version }: TypeName): Pick<ApiRequest, 'body'> {
  if (!isJsonObject(body)) return {};
  const { status: _status, ...sent } = body;
  return { body: sent['apiVersion'] === undefined ? sent : { ...sent, apiVersion: `${group}/${version}` } };
}

function shown(result: ApiResult, apiVersion: string): ApiResult {
  if (result.type !== 'object' || result.object.kind !== 'Scale') return result;
  return { ...result, object: scaleIn(result.object as autoscaling.Scale, apiVersion) };
}

function scaleIn({ status, ...scale }: autoscaling.Scale, apiVersion: string): ApiObject {
  const { replicas = 0, selector: text = '' } = status ?? {};
  const selector = labelsOf(text);
  const old: former.Scale = {
    ...scale,
    apiVersion,
    spec: { replicas: scale.spec?.replicas ?? 0 },
    status: {
      replicas,
      ...(selector === undefined ? {} : { selector }),
      ...(text === '' ? {} : { targetSelector: text }),
    },
  };
  return old;
}

/** The labels that a selector asks for, if it asks for nothing else. */
function labelsOf(text: string): Readonly<Record<string, string>> | undefined {
  const { requirements } = parseSelector(text);
  const labels: Record<string, string> = {};
  for (const { key, operator, values } of requirements) {
    const [value = ''] = values;
    if (operator !== '=' && operator !== '==') return undefined;
    labels[key] = value;
  }
  return requirements.length === 0 ? undefined : labels;
}
