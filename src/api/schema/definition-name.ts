/** Names of messages in OpenAPI documents. */

/** `k8s.io.api.apps.v1.Deployment` → `io.k8s.api.apps.v1.Deployment`. */
export function definitionName(messageName: string): string {
  // Go's package paths have dashes where protobuf's names cannot.
  return messageName
    .replace(/^k8s\.io\./, 'io.k8s.')
    .replace(
      /^(io\.k8s\.)(apiextensions_apiserver|kube_aggregator)\./,
      (_match, start: string, repository: string) => `${start}${repository.replaceAll('_', '-')}.`,
    );
}
