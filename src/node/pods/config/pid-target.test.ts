import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeContainer } from '../../runtime/cri/container-codec.ts';
import { aBoundPod } from '#test/builders/pod-on-node';
import { aContainer, aSandbox, aSecurity } from '#test/builders/runtime';
import { containerSecurity } from './security.ts';

test('[SUB4] a container joins the processes of its target, unless the pod shares them all', () => {
  const container = { name: 'debugger', image: 'busybox' };
  const of = (spec: object) =>
    containerSecurity({ pod: aBoundPod({ spec }), container, image: {}, seccompDirectory: '/', pidOf: 'c1' });
  assert.deepEqual([of({}).pid, of({}).pidOf], ['Container', 'c1']);
  assert.deepEqual(
    [{ shareProcessNamespace: true }, { hostPID: true }].map((spec) => of(spec).pidOf),
    [undefined, undefined],
  );
  const place = { logDirectory: '/logs', cgroup: '/tutti' };
  const security = aSecurity({ pidOf: 'c1' });
  const made = encodeContainer({
    sandboxId: 's',
    container: aContainer('debugger', 'busybox', { security }),
    sandbox: aSandbox('web', place),
  });
  const { pid, targetId } = made.linux?.securityContext?.namespaceOptions ?? {};
  assert.deepEqual([pid, targetId], [3, 'c1']);
});
