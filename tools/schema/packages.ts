/** Says which upstream packages the schema table covers, and how their names map to ours. */

export type SourcePackage = {
  /** Name of the repository the package lives in, as in `kubernetes/api`. */
  readonly repository: string;
  /** Folder inside the repository. */
  readonly folder: string;
};

/** Repositories in the order they are given on the command line, with the import path that stands before their folders. */
export const REPOSITORIES = ['api', 'apimachinery', 'apiextensions-apiserver', 'kube-aggregator', 'metrics'] as const;

// Versions upstream stopped serving years ago that no manifest is written in: they would only cost memory.
const NO_LONGER_SERVED = new Set([
  'api/admission/v1beta1',
  'api/apidiscovery/v2beta1',
  'api/authentication/v1beta1',
  'api/authorization/v1beta1',
  'api/flowcontrol/v1beta1',
  'api/flowcontrol/v1beta2',
  'api/flowcontrol/v1beta3',
  'api/imagepolicy/v1alpha1',
  'api/node/v1alpha1',
  'apimachinery/pkg/apis/meta/v1beta1',
  'apimachinery/pkg/apis/testapigroup/v1',
  'kube-aggregator/pkg/apis/apiregistration/v1beta1',
  'metrics/pkg/apis/metrics/v1alpha1',
]);

export function isCovered({ repository, folder }: SourcePackage): boolean {
  return !NO_LONGER_SERVED.has(`${repository}/${folder}`);
}

/** `k8s.io.api.apps.v1` → `apps-v1`, the file its types are written to. */
export function typesFileName(protobufPackage: string): string {
  const parts = protobufPackage.split('.');
  return parts.slice(-2).join('-').replaceAll('_', '-');
}

/** `apps-v1` → `appsV1`, the name other files import it under. */
export function importAlias(fileName: string): string {
  return fileName.replaceAll(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
}
