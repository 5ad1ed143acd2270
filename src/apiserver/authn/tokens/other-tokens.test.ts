import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '#api/meta/time';
import { aGuardedApi } from '#test/builders/access';
import { anApiServer } from '#test/builders/api-server';
import { createSigningKey } from '../../pki/signing-key.ts';
import { bootstrapTokens } from './bootstrap-tokens.ts';
import { staticTokens } from './static-tokens.ts';
import { TokenAuthority } from './token-authority.ts';

test('[ACC58] a bootstrap token counts while its secret says so', async () => {
  await using api = await aGuardedApi();
  const authenticator = bootstrapTokens(api);
  const secret = async (change: object = {}): Promise<void> => {
    const data = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:workers,system:masters',
      ...change,
    };
    const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    const name = 'bootstrap-token-abcdef';
    const path = { plural: 'secrets', namespace: 'kube-system' } as const;
    await api.ask({ ...path, verb: 'delete', name }).catch(() => undefined);
    const body = { metadata: { name }, type: 'bootstrap.kubernetes.io/token', data: Object.fromEntries(encoded) };
    await api.ask({ ...path, verb: 'create', body });
  };
  const user = async (bearer = 'abcdef.0123456789abcdef') => await authenticator({ peer: {}, bearer });
  assert.equal(await user(), undefined);
  await secret();
  assert.deepEqual(await user(), {
    name: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:bootstrappers:workers'],
  });
  assert.equal(await user('abcdef.0123456789abcdee'), undefined);
  await secret({ 'usage-bootstrap-authentication': 'false' });
  assert.equal(await user(), undefined);
  await secret({ expiration: formatTime(api.world.clock.now() - 1000) });
  assert.equal(await user(), undefined);
  await secret({ expiration: formatTime(api.world.clock.now() + 1000) });
  assert.ok(await user());
});

test('[ACC59] a token file names users, one a line, with their groups', async () => {
  const authenticator = staticTokens('# comment\nt0,ann,1,"devs, ops"\n"t,1",bob,\n');
  const user = async (bearer: string) => await authenticator({ peer: {}, bearer });
  assert.deepEqual(await user('t0'), { name: 'ann', uid: '1', groups: ['devs', 'ops'] });
  assert.deepEqual(await user('t,1'), { name: 'bob', groups: [] });
  assert.equal(await user('t1'), undefined);
  assert.throws(() => staticTokens('t0,ann'), /a line has fewer than 3 columns/);
});

test('[ACC64] service accounts find out over HTTPS which key their tokens are checked with', async () => {
  const key = createSigningKey();
  await using api = await anApiServer({
    tokensFor: (sources) => new TokenAuthority({ ...sources, key, issuer: 'https://issuer' }),
  });
  const made = await api.ask('/api/v1/namespaces/default/serviceaccounts/default/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ spec: {} }),
  });
  const { token } = (JSON.parse(made.text) as { status: { token: string } }).status;
  const ask = async (path: string, bearer = token) => {
    const { status, text } = await api.ask(path, { as: 'anonymous', headers: { authorization: `Bearer ${bearer}` } });
    return { status, body: JSON.parse(text) as Record<string, unknown> };
  };
  const { body } = await ask('/.well-known/openid-configuration');
  assert.deepEqual([body['issuer'], body['id_token_signing_alg_values_supported']], ['https://issuer', ['ES256']]);
  assert.match(String(body['jwks_uri']), /^https:\/\/198\.18\.0\.1:\d+\/openid\/v1\/jwks$/);
  assert.equal(((await ask('/openid/v1/jwks')).body['keys'] as unknown[]).length, 1);
  assert.equal((await api.ask('/openid/v1/jwks', { as: 'anonymous' })).status, 403);
  const refused = await ask('/api/v1/namespaces/default/secrets');
  assert.match(String(refused.body['message']), /User "system:serviceaccount:default:default" cannot list/);
  assert.equal((await ask('/api', `${token}x`)).status, 401);
});
