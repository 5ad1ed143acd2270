/** The Kubernetes release whose API is spoken. */
export const KUBERNETES_VERSION = 'v1.34.0';
