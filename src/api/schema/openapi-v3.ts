/** The OpenAPI v3 documents, one a group and version: kubectl explains fields and finds what the server validates in them. */
import type { JsonObject } from '../meta/json-value.ts';
import { definitionsOf, DIALECT_V3 } from './openapi-definitions.ts';
import { groupByPath, operationsOf } from './openapi-paths.ts';
import type { Operation, ServedResource } from './openapi-paths.ts';
import {
  bodyMediaTypes,
  bodyMessage,
  customDefinitions,
  kindsOfServed,
  patchMediaTypes,
  reference,
  resultMessage,
  rootMessages,
} from './openapi-types.ts';

export type OpenApiInfo = { readonly title: string; readonly version: string };

/** `resources` are those of one group and version. */
export function openApiV3(info: OpenApiInfo, resources: readonly ServedResource[]): JsonObject {
  const operations = resources.flatMap(operationsOf);
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(groupByPath(operations, writeOperation)),
    components: {
      schemas: {
        ...definitionsOf(rootMessages(resources, operations), DIALECT_V3, kindsOfServed(resources)),
        ...customDefinitions(resources, DIALECT_V3),
      },
    },
  };
}

function writeOperation(operation: Operation): JsonObject {
  const body = bodyMessage(operation);
  return {
    operationId: operation.id,
    parameters: [
      ...operation.pathParameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...operation.queryParameters.map(({ name, type }) => ({ name, in: 'query', schema: { type } })),
    ],
    ...(body === undefined ? {} : { requestBody: { content: content(body, mediaTypes(operation)) } }),
    responses: { '200': { description: 'OK', ...responseContent(resultMessage(operation)) } },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.gvk,
  };
}

function mediaTypes(operation: Operation): readonly string[] {
  return operation.body === 'Patch' ? patchMediaTypes(operation) : bodyMediaTypes(operation);
}

function content(message: string, types: readonly string[]): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: reference(DIALECT_V3.refPrefix, message) }]));
}

function responseContent(message: string | undefined): JsonObject {
  return message === undefined ? {} : { content: content(message, ['application/json', 'application/yaml']) };
}
