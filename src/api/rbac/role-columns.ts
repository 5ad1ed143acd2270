/** The columns of roles of both scopes: when they were made, not how long ago. */
import { NAME_COLUMN } from '../meta/columns.ts';
import type { ApiObject } from '../object.ts';
import type { Column } from '../resource.ts';

export const ROLE_COLUMNS: readonly Column<ApiObject>[] = [
  NAME_COLUMN,
  {
    name: 'Created At',
    type: 'date',
    priority: 0,
    description: 'When the object was created.',
    cell: ({ metadata }) => metadata.creationTimestamp ?? '',
  },
];
