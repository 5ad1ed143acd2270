/** The configuration that a cluster's scheduler was given, as YAML or JSON. */
import { readFile } from 'node:fs/promises';
import { load, YAMLException } from 'js-yaml';
import type { DataDir } from '#cli/data-dir';
import { schedulerConfig, type SchedulerConfig } from '#scheduler/config/scheduler-config';
import { SchedulerConfigError } from '#scheduler/config/scheduler-config-error';

/** Undefined when it was told nothing. It is read at every start. */
export async function readSchedulerConfig({ schedulerConfig: file }: DataDir): Promise<SchedulerConfig | undefined> {
  try {
    return schedulerConfig(load(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`Cannot use ${file}: ${String(error instanceof Error ? error.message : error)}`, { cause: error });
  }
}

/** What is wrong with it; undefined when it can be used. */
export function whyNotSchedulerConfig(text: string): string | undefined {
  try {
    schedulerConfig(load(text));
    return undefined;
  } catch (error) {
    if (error instanceof SchedulerConfigError || error instanceof YAMLException) return error.message;
    throw error;
  }
}
