/** A pod runs as a service account that exists, and finds a token of it, the cluster's authority and its namespace as files. */
import { generatedName } from '#api/meta/generated-name';
import type * as core from '#api/types/core-v1';
import { andThen } from '#base/and-then';
import type { World } from '#base/world';
import type { Store } from '#store/store';
import { type AdmissionPlugin, type AdmissionRequest, admissionForbidden } from './admission.ts';
import { type AccessFiles, accessFiles, planAccountAccess } from './plan-account-access.ts';
import { SharedSpecs } from './shared-specs.ts';

const DEFAULT = 'default';
const MIRROR_POD = 'kubernetes.io/config.mirror';
// The account of a new namespace is made by a controller, a moment after the namespace.
const ATTEMPTS = 10;
const RETRY_MS = 100;

type Sources = { readonly store: Store; readonly world: World };

export function serviceAccount(sources: Sources): AdmissionPlugin {
  const shared = new SharedSpecs<core.ServiceAccount>();
  const files = new WeakMap<core.ServiceAccount, AccessFiles>();
  const otherFiles = (): AccessFiles => accessFiles((prefix) => generatedName(prefix, sources.world.random));
  const filesOf = (account: core.ServiceAccount): AccessFiles => {
    const made = files.get(account) ?? otherFiles();
    files.set(account, made);
    return made;
  };
  return {
    name: 'ServiceAccount',
    complete: true,
    of: ['/pods'],
    handles: ({ operation }) => operation === 'create',
    mutate(request) {
      const pod = request.object as core.Pod;
      if (pod.metadata.annotations?.[MIRROR_POD] !== undefined) return pod;
      const name = nameIn(pod.spec);
      const account = findAccount(sources, pod, name) ?? awaitAccount(sources, request, name);
      return andThen(account, (found) => {
        const grant = { name, account: found, files: filesOf(found), otherFiles };
        const spec = shared.get(pod.spec, found, () => planAccountAccess(pod.spec, grant));
        return spec === pod.spec ? pod : { ...pod, spec };
      });
    },
    validate(request) {
      const { metadata, spec } = request.object as core.Pod;
      if (metadata.annotations?.[MIRROR_POD] === undefined || !spec.serviceAccountName) return;
      throw admissionForbidden(request, 'a mirror pod may not reference service accounts');
    },
  };
}

// Older clients use the field's former name.
const nameIn = (spec: core.PodSpec): string => spec.serviceAccountName || spec.serviceAccount || DEFAULT;

function findAccount({ store }: Sources, { metadata }: core.Pod, name: string): core.ServiceAccount | undefined {
  return store.get(`/core/serviceaccounts/${metadata.namespace ?? ''}/${name}`) as core.ServiceAccount | undefined;
}

async function awaitAccount(sources: Sources, request: AdmissionRequest, name: string): Promise<core.ServiceAccount> {
  const pod = request.object as core.Pod;
  const { clock, random } = sources.world;
  for (let attempt = 1; attempt < ATTEMPTS && name === DEFAULT; attempt++) {
    await clock.sleep(RETRY_MS * (1 + random()));
    const found = findAccount(sources, pod, name);
    if (found !== undefined) return found;
  }
  const why = `serviceaccount ${JSON.stringify(name)} not found`;
  throw admissionForbidden(request, `error looking up service account ${pod.metadata.namespace}/${name}: ${why}`);
}
