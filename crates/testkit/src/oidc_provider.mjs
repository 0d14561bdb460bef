// Runs oidc-provider on a free port of this machine. Whoever is named by `login_hint` is signed in without a question.
// Arguments: one JSON object with what clients there are. Prints the issuer.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

const { default: Provider } = await import(process.env.ELDER_TEST_OIDC_PROVIDER);
const { clients } = JSON.parse(process.argv[2]);

const key = (kid, ...kind) => ({ ...generateKeyPairSync(...kind).privateKey.export({ format: 'jwk' }), use: 'sig', kid });
const keys = [
  key('rsa', 'rsa', { modulusLength: 2048 }),
  key('p-256', 'ec', { namedCurve: 'P-256' }),
  key('p-384', 'ec', { namedCurve: 'P-384' }),
  key('ed25519', 'ed25519'),
];
const configuration = {
  clients,
  jwks: { keys },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  cookies: { keys: ['a key of this test alone'] },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  // Tests listen on this machine, which it would not call by itself.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, RefreshToken: 3600, Session: 3600 },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id.split('@')[0]}@example.com`, email_verified: true, name: id, groups: ['staff'] }),
  }),
};

async function interact(provider, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const result = { login: { accountId: params.login_hint ?? 'ada' } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const others = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return others(request, response);
    return interact(provider, request, response).catch((error) => {
      response.writeHead(500);
      response.end(String(error));
    });
  });
  console.log(issuer);
});
// It ends with who has started it.
process.stdin.on('end', () => process.exit()).resume();
