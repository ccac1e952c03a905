// Every flow with oauth4webapi, which checks each answer against its RFC.
import * as oauth from "oauth4webapi";
import assert from "node:assert/strict";

const loose = { [oauth.allowInsecureRequests]: true }; // the platform under test has no TLS

export async function flows(base, clients, callback, person) {
  const issuer = new URL(base);
  const as = await oauth.processDiscoveryResponse(
    issuer, await oauth.discoveryRequest(issuer, { ...loose, algorithm: "oauth2" }),
  );
  const resource = await oauth.processResourceDiscoveryResponse(issuer, await oauth.resourceDiscoveryRequest(issuer, loose));
  assert.deepEqual(resource.authorization_servers, [base]);

  const me = (token, options = {}) =>
    oauth.protectedResourceRequest(token, "GET", new URL("/v1/me", base), undefined, undefined, { ...loose, ...options });
  const authOf = ({ secret }) => (secret ? oauth.ClientSecretBasic(secret) : oauth.None());

  async function code(of, { isPushed = false, DPoP } = {}) {
    const client = { client_id: of.id }, auth = authOf(of), options = { ...loose, DPoP };
    const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState();
    let query = new URLSearchParams({
      client_id: of.id, response_type: "code", redirect_uri: callback, scope: "orders:read menus:read", state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
    });
    if (isPushed) {
      const pushed = await again(
        () => oauth.pushedAuthorizationRequest(as, client, auth, query, options),
        (answer) => oauth.processPushedAuthorizationResponse(as, client, answer),
      );
      query = new URLSearchParams({ client_id: of.id, request_uri: pushed.request_uri });
    }
    const arrived = new URL(await person({ visit: `${as.authorization_endpoint}?${query}` }));
    const params = oauth.validateAuthResponse(as, client, arrived, state);
    const tokens = await again(
      () => oauth.authorizationCodeGrantRequest(as, client, auth, params, callback, verifier, options),
      (answer) => oauth.processAuthorizationCodeResponse(as, client, answer),
    );
    assert.equal(tokens.scope, "orders:read menus:read");
    assert.equal((await again(() => me(tokens.access_token, { DPoP }))).status, 200);
    return { client, auth, tokens };
  }

  async function again(send, read = (answer) => answer) {
    try {
      return await read(await send());
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error;
      return read(await send());
    }
  }

  async function renewed({ client, auth, tokens }, DPoP) {
    const answer = await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, { ...loose, DPoP });
    const next = await oauth.processRefreshTokenResponse(as, client, answer);
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    return next;
  }

  async function keyOf(of) {
    return oauth.DPoP({ client_id: of.id }, await oauth.generateKeyPair("ES256"));
  }

  return {
    async confidential() {
      const { client, auth, tokens } = await code(clients.confidential);
      const next = await renewed({ client, auth, tokens });
      const looked = await oauth.processIntrospectionResponse(
        as, client, await oauth.introspectionRequest(as, client, auth, next.access_token, loose),
      );
      assert.deepEqual([looked.active, looked.token_type, looked.iss], [true, "Bearer", base]);
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, next.refresh_token, loose));
      await assert.rejects(me(next.access_token), (error) => error instanceof oauth.WWWAuthenticateChallengeError);
    },
    async public() {
      const begun = await code(clients.public);
      const next = await renewed(begun);
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(as, begun.client, begun.auth, next.refresh_token, loose),
      );
    },
    async machine() {
      const client = { client_id: clients.confidential.id };
      const auth = oauth.ClientSecretPost(clients.confidential.secret);
      const answer = await oauth.clientCredentialsGrantRequest(as, client, auth, { scope: "orders:read" }, loose);
      const tokens = await oauth.processClientCredentialsResponse(as, client, answer);
      assert.equal((await me(tokens.access_token)).status, 200);
    },
    async device() {
      const client = { client_id: clients.public.id }, auth = oauth.None();
      const begun = await oauth.processDeviceAuthorizationResponse(
        as, client, await oauth.deviceAuthorizationRequest(as, client, auth, { scope: "orders:read" }, loose),
      );
      const poll = async () => oauth.processDeviceCodeResponse(
        as, client, await oauth.deviceCodeGrantRequest(as, client, auth, begun.device_code, loose),
      );
      await assert.rejects(poll(), { error: "authorization_pending" });
      await person({ device: begun.verification_uri_complete });
      assert.equal((await me((await poll()).access_token)).status, 200);
    },
    async pushed() {
      await code(clients.confidential, { isPushed: true });
    },
    async bound() {
      const DPoP = await keyOf(clients.public);
      const begun = await code(clients.public, { isPushed: true, DPoP });
      assert.equal(begun.tokens.token_type, "dpop");
      const next = await renewed(begun, DPoP);
      assert.equal((await me(next.access_token, { DPoP })).status, 200);
      await assert.rejects(me(next.access_token), (error) => error instanceof oauth.WWWAuthenticateChallengeError);
    },
  };
}
