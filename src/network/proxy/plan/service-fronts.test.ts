import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceSpec } from '#api/types/core-v1';
import type { Endpoint } from '#api/types/discovery-v1';
import { aService, anEndpoint, aSlice } from '#test/builders/network';
import { frontName, targetText } from './front.ts';
import { serviceFronts } from './service-fronts.ts';

const NODE = { nodeName: 'node-1', dnsIp: '198.19.0.10' };
const READY = anEndpoint('198.18.0.2');
const DRAINING = anEndpoint('198.18.0.3', { conditions: { ready: false, serving: true, terminating: true } });
const AWAY = anEndpoint('198.18.0.4', { conditions: { ready: false, serving: false, terminating: true } });
const ELSEWHERE = anEndpoint('198.18.1.2', { nodeName: 'node-2' });

/** Every front with its targets, or what it does without. */
function shown(spec: Partial<ServiceSpec>, endpoints: readonly Endpoint[], ingress: readonly string[] = []): object {
  const status = { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } };
  const fronts = serviceFronts(aService({ spec, status }), [aSlice({ endpoints })], NODE);
  return Object.fromEntries(
    fronts.map((front) => {
      const targets = front.targets.map(targetText).join(', ');
      return [frontName(front), targets === '' ? front.whenEmpty : targets];
    }),
  );
}

test('[NET10] a cluster address leads to the ready endpoints', () => {
  const unknown = anEndpoint('198.18.0.9', { conditions: {} }); // not said to be unready
  assert.deepEqual(shown({}, [READY, unknown]), {
    'vips 198.19.0.20 . tcp . 80': '198.18.0.2 . 8080, 198.18.0.9 . 8080',
  });
});

test('[NET11] endpoints that end are used only when none is ready', () => {
  const name = 'vips 198.19.0.20 . tcp . 80';
  assert.deepEqual(shown({}, [READY, DRAINING, AWAY]), { [name]: '198.18.0.2 . 8080' });
  assert.deepEqual(shown({}, [DRAINING, AWAY]), { [name]: '198.18.0.3 . 8080' });
  assert.deepEqual(shown({}, [AWAY]), { [name]: 'refuse' });
});

test('[NET12, NET13] node ports, published and external addresses lead to the same endpoints', () => {
  const spec = {
    type: 'LoadBalancer',
    ports: [{ port: 80, nodePort: 30080 }],
    externalIPs: ['198.19.251.7', '2001:db8::7'],
  };
  assert.deepEqual(shown(spec, [READY], ['192.0.2.2']), {
    'vips 198.19.0.20 . tcp . 80': '198.18.0.2 . 8080',
    'vips 198.19.251.7 . tcp . 80': '198.18.0.2 . 8080',
    'vips 192.0.2.2 . tcp . 80': '198.18.0.2 . 8080',
    'ports tcp . 30080': '198.18.0.2 . 8080',
  });
});

test('[NET17] internal policy Local keeps to the node, and drops when only others have endpoints', () => {
  const name = 'vips 198.19.0.20 . tcp . 80';
  const spec = { internalTrafficPolicy: 'Local' };
  assert.deepEqual(shown(spec, [READY, ELSEWHERE]), { [name]: '198.18.0.2 . 8080' });
  assert.deepEqual(shown(spec, [ELSEWHERE]), { [name]: 'drop' });
  assert.deepEqual(shown(spec, []), { [name]: 'refuse' });
});

test('[NET18] external policy Local keeps strangers to the node and nobody else', () => {
  const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }], externalTrafficPolicy: 'Local' };
  assert.deepEqual(shown(spec, [ELSEWHERE]), {
    'vips 198.19.0.20 . tcp . 80': '198.18.1.2 . 8080',
    'ports tcp . 30080': '198.18.1.2 . 8080',
    'outer_ports tcp . 30080': 'drop',
  });
});

test('[NET10] ports find their endpoints by name and protocol, in all slices, each once', () => {
  const service = aService({
    spec: {
      ports: [
        { name: 'web', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    },
  });
  const web = { name: 'web', port: 8080, protocol: 'TCP' };
  const slices = [
    aSlice({ name: 'one', endpoints: [anEndpoint('198.18.0.2', { conditions: { ready: false } })], ports: [web] }),
    aSlice({ name: 'two', endpoints: [READY], ports: [web, { name: 'dns', port: 5353, protocol: 'UDP' }] }),
    aSlice({
      name: 'three',
      endpoints: [anEndpoint('198.18.0.5')],
      ports: [{ name: 'web', port: 8080, protocol: 'UDP' }],
    }),
  ];
  const fronts = serviceFronts(service, slices, NODE);
  assert.deepEqual(
    fronts.map((front) => [frontName(front), front.targets.map(targetText)]),
    [
      ['vips 198.19.0.20 . tcp . 80', ['198.18.0.2 . 8080']],
      ['vips 198.19.0.20 . udp . 53', ['198.18.0.2 . 5353']],
    ],
  );
});

test('[NET14] affinity lasts three hours unless the service says otherwise', () => {
  const seconds = (spec: Partial<ServiceSpec>): unknown =>
    serviceFronts(aService({ spec }), [aSlice({ endpoints: [READY] })], NODE)[0]?.affinitySeconds;
  assert.equal(seconds({ sessionAffinity: 'ClientIP' }), 10_800);
  assert.equal(seconds({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }), 5);
  assert.equal(seconds({ sessionAffinity: 'None' }), undefined);
});

test('[NET26] what others serve gets no rules', () => {
  assert.deepEqual(shown({ clusterIP: 'None', clusterIPs: ['None'] }, [READY]), {});
  assert.deepEqual(shown({ type: 'ExternalName', externalName: 'example.org' }, []), {});
  assert.deepEqual(shown({ clusterIP: NODE.dnsIp, clusterIPs: [NODE.dnsIp] }, [READY]), {});
  const labels = { 'service.kubernetes.io/service-proxy-name': 'other' };
  assert.deepEqual(serviceFronts(aService({ meta: { labels } }), [aSlice({ endpoints: [READY] })], NODE), []);
});

test('[NET27] source ranges guard published addresses only, without ranges inside others', () => {
  const spec = {
    type: 'LoadBalancer',
    loadBalancerSourceRanges: [' 10.1.0.0/16', '10.0.0.0/8', '2001:db8::/32', '10.0.0.0/8'],
  };
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.2' }] } };
  const fronts = serviceFronts(aService({ spec, status }), [aSlice({ endpoints: [READY] })], NODE);
  assert.deepEqual(
    fronts.map(({ address, sources }) => [address, sources]),
    [
      ['198.19.0.20', undefined],
      ['192.0.2.2', ['10.0.0.0/8']],
    ],
  );
});

test('[NET10] what is no address never becomes part of a rule', () => {
  const name = 'vips 198.19.0.20 . tcp . 80';
  assert.deepEqual(shown({}, [anEndpoint('198.18.0.2 } ; flush ruleset'), anEndpoint('2001:db8::1')]), {
    [name]: 'refuse',
  });
});
