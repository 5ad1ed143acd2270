/** Empty directories, on disk and in memory: who may write what, with which mode. */
import type { PodSpec } from '#api/types/core-v1';
import { type PodCase, type PodCases, withVolume } from './pod-case.ts';

type Medium = 'disk' | 'tmpfs';

const USER: Partial<PodSpec> = { securityContext: { runAsUser: 1001 } };
const volumeOn = (medium: Medium) => ({ emptyDir: medium === 'tmpfs' ? { medium: 'Memory' } : {} });
// What it lies on is shown only where it is what was asked for.
const TYPE = "stat -f -c '%T' /v | grep -c tmpfs";

function fileWith(mode: string, medium: Medium, spec: Partial<PodSpec>): PodCase {
  const script = `echo new file > /v/f; chmod ${mode} /v/f; cat /v/f; stat -c '%a' /v/f; ${TYPE}`;
  const says = `new file\n${mode}\n${medium === 'tmpfs' ? 1 : 0}`;
  return withVolume({ volume: volumeOn(medium) }, { script, says, spec });
}

const folderOn = (medium: Medium): PodCase =>
  withVolume(
    { volume: volumeOn(medium) },
    { script: `stat -c '%a' /v; ${TYPE}`, says: `777\n${medium === 'tmpfs' ? 1 : 0}`, spec: {} },
  );

export const FOLDER_CASES: PodCases = {
  'emptyDir-non-root-0644-disk': fileWith('644', 'disk', USER),
  'emptyDir-non-root-0644-tmpfs': fileWith('644', 'tmpfs', USER),
  'emptyDir-non-root-0666-disk': fileWith('666', 'disk', USER),
  'emptyDir-non-root-0666-tmpfs': fileWith('666', 'tmpfs', USER),
  'emptyDir-non-root-0777-disk': fileWith('777', 'disk', USER),
  'emptyDir-non-root-0777-tmpfs': fileWith('777', 'tmpfs', USER),
  'emptyDir-root-0644-disk': fileWith('644', 'disk', {}),
  'emptyDir-root-0644-tmpfs': fileWith('644', 'tmpfs', {}),
  'emptyDir-root-0666-disk': fileWith('666', 'disk', {}),
  'emptyDir-root-0666-tmpfs': fileWith('666', 'tmpfs', {}),
  'emptyDir-root-0777-disk': fileWith('777', 'disk', {}),
  'emptyDir-root-0777-tmpfs': fileWith('777', 'tmpfs', {}),
  'emptyDir-directory-mode-disk': folderOn('disk'),
  'emptyDir-directory-mode-tmpfs': folderOn('tmpfs'),
};
