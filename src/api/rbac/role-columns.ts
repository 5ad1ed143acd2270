/** The columns of roles of both scopes: when they were made, not how long ago. */
import { CREATED_AT_COLUMN, NAME_COLUMN } from '../meta/columns.ts';
import type { ApiObject } from '../object.ts';
import type { Column } from '../resource.ts';

export const ROLE_COLUMNS: readonly Column<ApiObject>[] = [NAME_COLUMN, CREATED_AT_COLUMN];
