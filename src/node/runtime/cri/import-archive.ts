/** Imports an OCI archive with containerd's own command, for which no service call exists in the supported versions. */
import { CRI_NAMESPACE } from './grpc-channel.ts';
import { runCommand } from './run-command.ts';

export async function importArchive(
  socketPath: string,
  archivePath: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const target = ['--address', socketPath, '--namespace', CRI_NAMESPACE];
  const report = await runCommand('ctr', [...target, 'images', 'import', archivePath], signal);
  return importedNames(report);
}

/** Reads the lines `unpacking NAME (sha256:…)...done`. */
export function importedNames(report: string): readonly string[] {
  return [...report.matchAll(/^unpacking (\S+) \(/gm)].map((match) => match[1] ?? '');
}
