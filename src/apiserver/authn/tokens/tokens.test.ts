import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { compactVerify, type JWK } from 'jose';
import type { ApiObject } from '#api/object';
import type { ApiRequest } from '#api/request';
import type { TokenRequest, TokenReviewStatus } from '#api/types/authentication-v1';
import { aNodeUser, aGuardedApi, type GuardedApi } from '#test/builders/access';
import { failure } from '#test/builders/pipeline';
import { createSigningKey } from '../../pki/signing-key.ts';
import { authenticate } from '../authentication.ts';
import { serviceAccountTokens } from './bearer-tokens.ts';
import type { Claims } from './claims.ts';
import { TokenAuthority } from './token-authority.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const key = createSigningKey();

type TokenApi = GuardedApi & { readonly tokens: TokenAuthority };

/** With the account `robot` and its pod `web` on node `n1`. */
async function anApi(): Promise<TokenApi> {
  const api = await aGuardedApi({ signingKey: key, issuer: ISSUER });
  const shop = { namespace: 'default', verb: 'create' } as const;
  const account = { metadata: { name: 'robot' }, automountServiceAccountToken: false };
  await api.ask({ ...shop, plural: 'serviceaccounts', body: account });
  await api.ask({ verb: 'create', plural: 'nodes', body: { metadata: { name: 'n1' }, spec: {} } });
  const sources = ['', 'bank'].map((audience) => ({ serviceAccountToken: { path: `token${audience}`, audience } }));
  const spec = {
    nodeName: 'n1',
    serviceAccountName: 'robot',
    volumes: [{ name: 'tokens', projected: { sources } }],
    containers: [{ name: 'main', image: 'nginx:1' }],
  };
  await api.ask({ ...shop, plural: 'pods', body: { metadata: { name: 'web' }, spec } });
  await api.ask({ ...shop, plural: 'secrets', body: { metadata: { name: 'anchor' } } });
  return Object.assign(api, { tokens: api.tokens! });
}

async function uidOf(api: GuardedApi, plural: string, name: string): Promise<string> {
  const scope = plural === 'nodes' ? {} : { namespace: 'default' };
  const found = await api.ask({ verb: 'get', plural, name, ...scope });
  return (found.type === 'object' ? found.object.metadata.uid : undefined) ?? '';
}

async function aToken(
  api: GuardedApi,
  spec: object = {},
  more: Partial<ApiRequest> = {},
): Promise<Required<TokenRequest>> {
  const path = { namespace: 'default', plural: 'serviceaccounts', name: 'robot', subresource: 'token' } as const;
  const made = await api.ask({ ...path, verb: 'create', body: { metadata: {}, spec }, ...more });
  assert.ok(made.type === 'object');
  return made.object as ApiObject as Required<TokenRequest>;
}

async function claimsOf({ status }: Required<TokenRequest>): Promise<Claims> {
  const { payload } = await compactVerify(status.token ?? '', key.publicKey);
  return JSON.parse(Buffer.from(payload).toString()) as Claims;
}

const userOf = (tokens: TokenAuthority, bearer: string) =>
  authenticate([serviceAccountTokens(tokens)], { peer: {}, bearer });

const POD = { kind: 'Pod', apiVersion: 'v1', name: 'web' };

test('[ACC50] a token says whose it is, what it is bound to, for whom and until when', async () => {
  await using api = await anApi();
  const made = await aToken(api, { boundObjectRef: POD, expirationSeconds: 1200 });
  assert.deepEqual(made.spec.audiences, [ISSUER]);
  const nowSeconds = api.world.clock.now() / 1000;
  const { jti, ...claims } = await claimsOf(made);
  assert.match(jti, /./);
  assert.deepEqual(claims, {
    iss: ISSUER,
    sub: 'system:serviceaccount:default:robot',
    aud: [ISSUER],
    iat: nowSeconds,
    nbf: nowSeconds,
    exp: nowSeconds + 1200,
    'kubernetes.io': {
      namespace: 'default',
      node: { name: 'n1', uid: await uidOf(api, 'nodes', 'n1') },
      pod: { name: 'web', uid: await uidOf(api, 'pods', 'web') },
      serviceaccount: { name: 'robot', uid: await uidOf(api, 'serviceaccounts', 'robot') },
    },
  });
  const mounted = await claimsOf(await aToken(api, { boundObjectRef: POD, expirationSeconds: 3607 }));
  assert.deepEqual(
    [mounted.exp - nowSeconds, mounted['kubernetes.io'].warnafter],
    [365 * 24 * 3600, nowSeconds + 3607],
  );
});

test('[ACC51] who shows a token is its service account, in the groups of service accounts', async () => {
  await using api = await anApi();
  const made = await aToken(api, { boundObjectRef: POD });
  const { jti } = await claimsOf(made);
  const { extra, ...user } = await userOf(api.tokens, made.status.token ?? '');
  assert.deepEqual(user, {
    name: 'system:serviceaccount:default:robot',
    uid: await uidOf(api, 'serviceaccounts', 'robot'),
    groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
  });
  assert.deepEqual(extra, {
    'authentication.kubernetes.io/credential-id': [`JTI=${jti}`],
    'authentication.kubernetes.io/node-name': ['n1'],
    'authentication.kubernetes.io/node-uid': [await uidOf(api, 'nodes', 'n1')],
    'authentication.kubernetes.io/pod-name': ['web'],
    'authentication.kubernetes.io/pod-uid': [await uidOf(api, 'pods', 'web')],
  });
});

test('[ACC52] a token ends with its time, its account and what it is bound to, and is for its audiences only', async () => {
  await using api = await anApi();
  const unauthorized = { reason: 'Unauthorized', message: 'Unauthorized' };
  const token = async (spec: object): Promise<string> => (await aToken(api, spec)).status.token ?? '';
  const secret = { kind: 'Secret', apiVersion: 'v1', name: 'anchor' };
  const [short, ofPod, ofSecret, bank] = [
    await token({ expirationSeconds: 600 }),
    await token({ boundObjectRef: POD }),
    await token({ boundObjectRef: secret }),
    await token({ audiences: ['bank'] }),
  ];
  const shop = { namespace: 'default', verb: 'delete' } as const;
  await assert.rejects(userOf(api.tokens, bank), unauthorized);
  await api.ask({ ...shop, plural: 'pods', name: 'web', options: { gracePeriodSeconds: 0 } });
  await api.ask({ ...shop, plural: 'secrets', name: 'anchor' });
  await assert.rejects(userOf(api.tokens, ofPod), unauthorized);
  await assert.rejects(userOf(api.tokens, ofSecret), unauthorized);
  assert.ok(await userOf(api.tokens, short));
  await api.world.advance(661_000);
  await assert.rejects(userOf(api.tokens, short), unauthorized);
  const plain = await token({});
  await api.ask({ ...shop, plural: 'serviceaccounts', name: 'robot' });
  await assert.rejects(userOf(api.tokens, plain), unauthorized);
});

test('[ACC53] a token that somebody else signed, or that was changed, is 401', async () => {
  await using api = await anApi();
  const made = await aToken(api);
  const stranger = new TokenAuthority({ store: api.store, world: api.world, key: createSigningKey(), issuer: ISSUER });
  const [head = '', body = '', signature = ''] = (made.status.token ?? '').split('.');
  const forged = Buffer.from(JSON.stringify({ ...(await claimsOf(made)), sub: 'x' })).toString('base64url');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
  for (const bad of [
    await stranger.sign(await claimsOf(made)),
    `${head}.${forged}.${signature}`,
    none,
    'abc',
    'a.b.c',
  ]) {
    await assert.rejects(userOf(api.tokens, bad), { reason: 'Unauthorized' });
  }
});

test('[ACC54] a token is refused for less than ten minutes, for a pod of another account and for what cannot be bound', async () => {
  await using api = await anApi();
  await assert.rejects(
    aToken(api, { expirationSeconds: 599 }),
    failure(
      'Invalid',
      'TokenRequest.authentication.k8s.io "robot" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ),
  );
  await assert.rejects(aToken(api, { boundObjectRef: { ...POD, uid: 'other' } }), { reason: 'Conflict' });
  await assert.rejects(aToken(api, { boundObjectRef: { ...POD, name: 'none' } }), { reason: 'NotFound' });
  await assert.rejects(
    aToken(api, { boundObjectRef: { ...POD, kind: 'ConfigMap' } }),
    failure('BadRequest', 'cannot bind token to object of type v1, Kind=ConfigMap'),
  );
  const account = { metadata: { name: 'other' } };
  await api.ask({ namespace: 'default', verb: 'create', plural: 'serviceaccounts', body: account });
  await assert.rejects(aToken(api, { boundObjectRef: POD }, { name: 'other' }), { reason: 'BadRequest' });
});

test('[ACC55] a node gets tokens only of pods that run on it, for the audiences they name', async () => {
  await using api = await anApi();
  const uid = await uidOf(api, 'pods', 'web');
  const user = aNodeUser('n1');
  const boundObjectRef = { ...POD, uid };
  assert.ok(await aToken(api, { boundObjectRef }, { user }));
  assert.ok(await aToken(api, { boundObjectRef, audiences: ['bank'] }, { user }));
  await assert.rejects(
    aToken(api, { boundObjectRef, audiences: ['shop'] }, { user }),
    failure('Forbidden', 'serviceaccounts "robot" is forbidden: audience "shop" not found in pod spec volume'),
  );
  await assert.rejects(
    aToken(api, {}, { user }),
    failure('Forbidden', 'serviceaccounts "robot" is forbidden: node requested token not bound to a pod'),
  );
  await assert.rejects(aToken(api, { boundObjectRef: { ...POD, uid } }, { user: aNodeUser('n2') }), {
    reason: 'Forbidden',
  });
});

test('[ACC56] a review tells whose a token is, and for which of the audiences asked about', async () => {
  await using api = await anApi();
  const token = (await aToken(api, { audiences: ['bank', 'shop'] })).status.token ?? '';
  const review = async (spec: object): Promise<TokenReviewStatus> => {
    const asked = { group: 'authentication.k8s.io', verb: 'create', plural: 'tokenreviews' } as const;
    const result = await api.ask({ ...asked, body: { spec } });
    assert.ok(result.type === 'object');
    return (result.object as ApiObject & { status: TokenReviewStatus }).status;
  };
  const { authenticated, user, audiences } = await review({ token, audiences: ['bank', 'other'] });
  assert.deepEqual([authenticated, user?.username, audiences], [true, 'system:serviceaccount:default:robot', ['bank']]);
  const wrong = await review({ token });
  assert.deepEqual([wrong.authenticated, wrong.user], [undefined, {}]);
  assert.match(wrong.error ?? '', /is invalid for the target audiences/);
  assert.deepEqual(await review({ token: 'x' }), { user: {}, error: 'invalid bearer token' });
});

test('[ACC57] the key that signs is published, and named in every token', async () => {
  await using api = await anApi();
  const { keys } = (await api.tokens.keySet()) as { keys: (JWK & { kid: string })[] };
  const [published] = keys;
  const made = await aToken(api);
  const { protectedHeader } = await compactVerify(
    made.status.token ?? '',
    createPublicKey({ key: published as object, format: 'jwk' }),
  );
  assert.deepEqual([protectedHeader.alg, protectedHeader.kid], [published?.alg, published?.kid]);
});
