/** Creates ConfigMaps one after another until standard input ends, whatever becomes of the server; prints, as JSON, those that it acknowledged. */
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigMap } from '#api/core/config-map';
import { systemWorld } from '#base/world';
import { httpsClient } from '#client/https/https-client';
import { loadKubeconfig } from '#client/https/kubeconfig';

export type Acknowledged = { readonly name: string; readonly resourceVersion: string };
export type Writes = { readonly acknowledged: readonly Acknowledged[]; readonly refused: number };

// Enough to have one under way whenever the server dies, few enough to leave the machine to the cluster.
const PAUSE_MS = 10;

const [kubeconfig = '', namespace = ''] = process.argv.slice(2);
const acknowledged: Acknowledged[] = [];
let refused = 0;
let stopping = false;
void text(process.stdin).then(() => {
  stopping = true;
});

using client = httpsClient({ ...(await loadKubeconfig(kubeconfig)), world: systemWorld() });
for (let count = 0; !stopping; count++) {
  const name = `write-${count}`;
  try {
    const created = await client.create(ConfigMap, { metadata: { namespace, name }, data: { name } });
    acknowledged.push({ name, resourceVersion: created.metadata.resourceVersion ?? '' });
  } catch {
    refused++; // the server is down, or went down with this write in its hands
  }
  await sleep(PAUSE_MS);
}
process.stdout.write(JSON.stringify({ acknowledged, refused } satisfies Writes));
