/** Reads a scheduler's configuration strictly: its kind, its types, and no field that nobody knows. Throws `SchedulerConfigError`. */
import { isJsonObject } from '#api/meta/json-value';
import { DecodeError } from '#api/schema/decode-error';
import { decodeObject } from '#api/schema/decode';
import { messageSchema } from '#api/schema/schema';
import { SCHEDULER_CONFIG } from '#api/schema/scheduler-config-messages';
import { PLUGINS_WITH_ARGS } from './known-plugins.ts';
import { SchedulerConfigError } from './scheduler-config-error.ts';
import type { KubeSchedulerConfiguration, KubeSchedulerProfile, PluginConfig } from './types.ts';

const GROUP = 'kubescheduler.config.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const KIND = 'KubeSchedulerConfiguration';
const STRICT = 'strict decoding error: ';

export function decodeSchedulerConfig(value: unknown): KubeSchedulerConfiguration {
  assertKind(value);
  const decoded: KubeSchedulerConfiguration = decodeAs(KIND, value);
  const complaints: string[] = [];
  const profiles = decoded.profiles?.map((profile, at) => decodeArgs(profile, at, complaints));
  if (complaints.length > 0) throw new SchedulerConfigError(`${STRICT}${complaints.join(', ')}`);
  return profiles === undefined ? decoded : { ...decoded, profiles };
}

function assertKind(value: unknown): void {
  const { apiVersion = '', kind = '' } = isJsonObject(value) ? value : {};
  if (kind === '') throw new SchedulerConfigError(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  if (apiVersion === '') throw new SchedulerConfigError(`Object 'apiVersion' is missing in '${JSON.stringify(value)}'`);
  if (apiVersion === API_VERSION && kind === KIND) return;
  throw new SchedulerConfigError(`no kind "${String(kind)}" is registered for version "${String(apiVersion)}"`);
}

/** The arguments of plugins that are not ours are left alone: whether there is such a plugin is asked later. */
function decodeArgs(profile: KubeSchedulerProfile, at: number, complaints: string[]): KubeSchedulerProfile {
  if (profile.pluginConfig === undefined) return profile;
  const pluginConfig = profile.pluginConfig.map((config, index) => {
    if (!PLUGINS_WITH_ARGS.has(config.name)) return config;
    const where = `decoding .profiles[${at}].pluginConfig[${index}]: `;
    try {
      return decodePluginArgs(config);
    } catch (error) {
      if (!(error instanceof SchedulerConfigError)) throw error;
      const isStrict = error.message.includes(STRICT);
      if (!isStrict) throw new SchedulerConfigError(`${where}${error.message}`);
      complaints.push(`${where}${STRICT}${error.message}`);
      return config;
    }
  });
  return { ...profile, pluginConfig };
}

function decodePluginArgs({ name, args = {} }: PluginConfig): PluginConfig {
  const expected = `${name}Args`;
  const { kind = expected, apiVersion = API_VERSION } = isJsonObject(args) ? args : {};
  if (kind !== expected || apiVersion !== API_VERSION) {
    const group = String(apiVersion).split('/')[0] ?? '';
    throw new SchedulerConfigError(
      `args for plugin ${name} were not of type ${expected}.${GROUP}, got ${String(kind)}.${group}`,
    );
  }
  try {
    return { name, args: decodeAs(expected, args) };
  } catch (error) {
    if (!(error instanceof SchedulerConfigError)) throw error;
    throw new SchedulerConfigError(`decoding args for plugin ${name}: ${error.message}`);
  }
}

function decodeAs<T>(message: string, value: unknown): T {
  try {
    const schema = messageSchema(`${SCHEDULER_CONFIG}.${message}`);
    return decodeObject(schema, value, { fieldValidation: 'Strict' }).object as T;
  } catch (error) {
    if (error instanceof DecodeError) throw new SchedulerConfigError(error.message, { cause: error });
    throw error;
  }
}
