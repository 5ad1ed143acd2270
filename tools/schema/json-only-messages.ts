/** The few API messages that have no protobuf form, written down as the proto parser would give them. */
import type { ProtoMessage } from './proto-messages.ts';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const RAW_EXTENSION = 'k8s.io.apimachinery.pkg.runtime.RawExtension';

/** Fields here carry the number 0: they exist in JSON only. */
export const JSON_ONLY_MESSAGES: readonly ProtoMessage[] = [
  message('Table', {
    metadata: `${META}.ListMeta`,
    columnDefinitions: [`${META}.TableColumnDefinition`],
    rows: [`${META}.TableRow`],
  }),
  message('TableColumnDefinition', {
    name: 'string',
    type: 'string',
    format: 'string',
    description: 'string',
    priority: 'int32',
  }),
  message('TableRow', { cells: ['any'], conditions: [`${META}.TableRowCondition`], object: RAW_EXTENSION }),
  message('TableRowCondition', { type: 'string', status: 'string', reason: 'string', message: 'string' }),
];

function message(name: string, fields: Readonly<Record<string, string | readonly [string]>>): ProtoMessage {
  return {
    fullName: `${META}.${name}`,
    fields: Object.entries(fields).map(([fieldName, type]) =>
      typeof type === 'string'
        ? { name: fieldName, number: 0, type, shape: 'one' }
        : { name: fieldName, number: 0, type: type[0], shape: 'list' },
    ),
  };
}
