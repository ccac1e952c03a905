// Every flow with openid-client, as an application would write it.
import * as client from "openid-client";
import assert from "node:assert/strict";

export async function flows(base, clients, callback, person) {
  const known = (of) =>
    client.discovery(new URL(base), of.id, undefined, of.secret ? client.ClientSecretPost(of.secret) : client.None(), {
      algorithm: "oauth2", execute: [client.allowInsecureRequests],
    });
  const me = async (config, tokens, options) => {
    const address = new URL("/v1/me", base);
    const answer = await client.fetchProtectedResource(config, tokens.access_token, address, "GET", null, undefined, options);
    assert.equal(answer.status, 200);
  };

  async function code(config, { isPushed = false, DPoP } = {}) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier(), expectedState = client.randomState();
    const asked = {
      redirect_uri: callback, scope: "orders:read menus:read", state: expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
    };
    const address = isPushed
      ? await client.buildAuthorizationUrlWithPAR(config, asked, { DPoP })
      : client.buildAuthorizationUrl(config, asked);
    const arrived = new URL(await person({ visit: address.href }));
    const tokens = await client.authorizationCodeGrant(config, arrived, { pkceCodeVerifier, expectedState }, undefined, { DPoP });
    await me(config, tokens, { DPoP });
    return tokens;
  }

  return {
    async confidential() {
      const config = await known(clients.confidential);
      const next = await client.refreshTokenGrant(config, (await code(config)).refresh_token);
      assert.equal((await client.tokenIntrospection(config, next.access_token)).active, true);
      await client.tokenRevocation(config, next.refresh_token);
      assert.equal((await client.tokenIntrospection(config, next.access_token)).active, false);
    },
    async public() {
      const config = await known(clients.public);
      const next = await client.refreshTokenGrant(config, (await code(config)).refresh_token);
      await client.tokenRevocation(config, next.refresh_token);
    },
    async machine() {
      const config = await known(clients.confidential);
      await me(config, await client.clientCredentialsGrant(config, { scope: "orders:read" }));
    },
    async device() {
      const config = await known(clients.public);
      const begun = await client.initiateDeviceAuthorization(config, { scope: "orders:read" });
      await person({ device: begun.verification_uri_complete });
      await me(config, await client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0 }));
    },
    async pushed() {
      await code(await known(clients.confidential), { isPushed: true });
    },
    async bound() {
      const config = await known(clients.public);
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("Ed25519"));
      const tokens = await code(config, { isPushed: true, DPoP });
      assert.equal(tokens.token_type, "dpop");
      await me(config, await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }), { DPoP });
    },
  };
}
