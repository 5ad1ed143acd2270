/** The OpenAPI v2 document of everything that is served. */
import type { JsonObject } from '../meta/json-value.ts';
import { definitionsOf, DIALECT_V2 } from './openapi-definitions.ts';
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
import type { OpenApiInfo } from './openapi-v3.ts';

export function openApiV2(info: OpenApiInfo, resources: readonly ServedResource[]): JsonObject {
  const operations = resources.flatMap(operationsOf);
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(groupByPath(operations, writeOperation)),
    definitions: {
      ...definitionsOf(rootMessages(resources, operations), DIALECT_V2, kindsOfServed(resources)),
      ...customDefinitions(resources, DIALECT_V2),
    },
  };
}

function writeOperation(operation: Operation): JsonObject {
  const body = bodyMessage(operation);
  const result = resultMessage(operation);
  return {
    operationId: operation.id,
    consumes: operation.body === 'Patch' ? patchMediaTypes(operation) : bodyMediaTypes(operation),
    produces: ['application/json', 'application/yaml'],
    parameters: [
      ...operation.pathParameters.map((name) => ({ name, in: 'path', required: true, type: 'string' })),
      ...operation.queryParameters.map(({ name, type }) => ({ name, in: 'query', type })),
      ...(body === undefined ? [] : [{ name: 'body', in: 'body', schema: reference(DIALECT_V2.refPrefix, body) }]),
    ],
    responses: {
      '200': {
        description: 'OK',
        ...(result === undefined ? {} : { schema: reference(DIALECT_V2.refPrefix, result) }),
      },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.gvk,
  };
}
