/** Which plugins a profile has at each point, after its own settings are laid over the default ones. */
import { EXTENSION_POINTS } from '#api/schema/scheduler-config-messages';
import { DEFAULT_PLUGINS, PLUGIN_POINTS } from './known-plugins.ts';
import { SchedulerConfigError } from './scheduler-config-error.ts';
import type { ExtensionPoint, PluginEntry, Plugins, PluginSet } from './types.ts';

export type WeightedPlugin = { readonly name: string; readonly weight: number };
export type PluginsByPoint = Readonly<Record<ExtensionPoint, readonly WeightedPlugin[]>>;

/** Throws `SchedulerConfigError` for plugins that there are not, or not at that point. */
export function pluginsByPoint(schedulerName: string, plugins: Plugins = {}): PluginsByPoint {
  const everywhere = laidOver({ enabled: DEFAULT_PLUGINS }, plugins.multiPoint);
  const byPoint = Object.fromEntries(
    EXTENSION_POINTS.map((point) => [point, pluginsAt(point, everywhere.enabled ?? [], plugins[point])]),
  ) as PluginsByPoint;
  const sorts = byPoint.queueSort.map(({ name }) => name);
  const profile = `profile with scheduler name ${JSON.stringify(schedulerName)}`;
  if (sorts.length === 0) throw new SchedulerConfigError(`no queue sort plugin for ${profile}`);
  if (byPoint.bind.length === 0) throw new SchedulerConfigError(`at least one bind plugin is needed for ${profile}`);
  return byPoint;
}

/** A plugin that is named again is set anew in its place; what is disabled is left out; `*` leaves out everything. */
function laidOver({ enabled = [] }: PluginSet, { enabled: own = [], disabled = [] }: PluginSet = {}): PluginSet {
  const off = new Set(disabled.map(({ name }) => name));
  const kept = off.has('*') ? [] : enabled.filter(({ name }) => !off.has(name));
  const replaced = new Set<PluginEntry>();
  const merged = kept.map((entry) => {
    const instead = own.findLast(({ name }) => name === entry.name);
    if (instead !== undefined) replaced.add(instead);
    return instead ?? entry;
  });
  return { enabled: [...merged, ...own.filter((entry) => !replaced.has(entry))] };
}

function pluginsAt(
  point: ExtensionPoint,
  everywhere: readonly PluginEntry[],
  { enabled = [], disabled = [] }: PluginSet = {},
): readonly WeightedPlugin[] {
  for (const { name } of enabled) assertAt(point, name);
  assertOnce(point, enabled);
  const off = new Set(disabled.map(({ name }) => name));
  const named = new Set(enabled.map(({ name }) => name));
  for (const { name } of everywhere) assertKnown(point, name);
  const general = off.has('*') ? [] : everywhere.filter(({ name }) => takesPart(point, name) && !off.has(name));
  assertOnce(
    point,
    general.filter(({ name }) => !named.has(name)),
  );
  const overridden = new Set(general.map(({ name }) => name));
  return [
    ...enabled.filter(({ name }) => overridden.has(name)),
    ...general.filter(({ name }) => !named.has(name)),
    ...enabled.filter(({ name }) => !overridden.has(name)),
  ].map(({ name, weight }) => ({ name, weight: weight || 1 }));
}

const typeOf = (point: ExtensionPoint): string => `${point.charAt(0).toUpperCase()}${point.slice(1)}Plugin`;
const takesPart = (point: ExtensionPoint, name: string): boolean => PLUGIN_POINTS.get(name)?.includes(point) === true;

function assertKnown(point: ExtensionPoint, name: string): void {
  if (!PLUGIN_POINTS.has(name))
    throw new SchedulerConfigError(`${typeOf(point)} ${JSON.stringify(name)} does not exist`);
}

function assertAt(point: ExtensionPoint, name: string): void {
  assertKnown(point, name);
  if (!takesPart(point, name))
    throw new SchedulerConfigError(`plugin ${JSON.stringify(name)} does not extend ${typeOf(point)} plugin`);
}

function assertOnce(point: ExtensionPoint, entries: readonly PluginEntry[]): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name))
      throw new SchedulerConfigError(`plugin ${JSON.stringify(name)} already registered as "${typeOf(point)}"`);
    seen.add(name);
  }
}
