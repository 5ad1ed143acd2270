/** The subresources of a kind in another version than the one that is stored. */
import type { ApiObject } from '#api/object';
import type { ServedVersion } from '#api/resource';
import { schemaFor } from '#api/schema/schema';
import type { StoredResource, Subresource } from '../resources.ts';
import { formerScale } from './former-scale.ts';
import { rollbackSubresource } from './rollback.ts';

type Served = Pick<ServedVersion<ApiObject>, 'group' | 'version' | 'former'>;

export function subresourcesIn(served: Served, { definition, subresources }: StoredResource): readonly Subresource[] {
  const { group, version } = served;
  const { kind } = definition;
  const shared = subresources.map((subresource): Subresource => {
    if (subresource.type.kind === kind) return { ...subresource, type: { group, version, kind } };
    return hasKind(served, subresource.type.kind) ? formerly(subresource, served) : subresource;
  });
  return kind === 'Deployment' && hasKind(served, ROLLBACK)
    ? [{ ...rollbackSubresource(served), deprecation: advice(served, ROLLBACK) }, ...shared]
    : shared;
}

const ROLLBACK = 'DeploymentRollback';

/** Whether a version that upstream no longer serves had a form of its own. */
const hasKind = ({ group, version, former }: Served, kind: string): boolean =>
  former !== undefined && schemaFor({ group, version, kind }) !== undefined;

function formerly(subresource: Subresource, served: Served): Subresource {
  const { kind } = subresource.type;
  const type = { group: served.group, version: served.version, kind };
  return { ...formerScale(subresource, type), deprecation: advice(served, kind) };
}

/** Upstream names what to use instead for some of them only. */
const INSTEAD: Readonly<Record<string, string>> = {
  'apps/v1beta1 Scale': 'autoscaling/v1 Scale',
  'apps/v1beta2 Scale': 'autoscaling/v1 Scale',
  'apps/v1beta1 DeploymentRollback': 'apps/v1 DeploymentRollback',
};

// The oldest of all went out of use before its group did.
const DEPRECATED: Readonly<Record<string, string>> = { 'extensions/v1beta1 Scale': '1.2' };

function advice({ group, version, former }: Served, kind: string): string {
  const name = `${group}/${version} ${kind}`;
  const since = DEPRECATED[name] ?? former?.deprecated ?? '';
  const instead = INSTEAD[name] === undefined ? '' : `; use ${INSTEAD[name]}`;
  return `${name} is deprecated in v${since}+, unavailable in v${former?.unavailable ?? ''}+${instead}`;
}
