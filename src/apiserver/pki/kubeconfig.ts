/** The file that tells kubectl where a cluster is, how to recognise it and who is asking. */
import type { KeyPair } from './certificate.ts';

export type Kubeconfig = {
  readonly server: string;
  /** PEM of the authority whose certificates to trust. */
  readonly authority: string;
  readonly client: KeyPair;
  readonly cluster?: string;
  readonly user?: string;
};

/** As YAML; JSON strings are YAML strings, so nothing that is put in can change the file's structure. */
export function kubeconfigYaml({ server, authority, client, cluster = 'tutti', user = 'admin' }: Kubeconfig): string {
  const text = JSON.stringify;
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
- name: ${text(cluster)}
  cluster:
    server: ${text(server)}
    certificate-authority-data: ${base64(authority)}
users:
- name: ${text(user)}
  user:
    client-certificate-data: ${base64(client.certificate)}
    client-key-data: ${base64(client.key)}
contexts:
- name: ${text(cluster)}
  context:
    cluster: ${text(cluster)}
    user: ${text(user)}
current-context: ${text(cluster)}
`;
}
