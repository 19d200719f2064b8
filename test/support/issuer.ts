import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { inSeconds } from "./proofs.ts";
import { type Misbehaviour, reply, startUpstream, type Upstream } from "./upstream.ts";

type Json = Record<string, unknown>;
type Alg = "RS256" | "ES256" | "EdDSA" | "Ed25519" | "PS256";

interface IssuerKey {
  kid: string;
  alg: Alg;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  jwk: Json;
}

export interface RunningIssuer extends AsyncDisposable {
  /** As it stands in VAMBE_OIDC_ISSUER. */
  url: string;
  /** As it stands in `iss`. */
  iss: string;
  upstream: Upstream;
  /** How often its key set, or its discovery document, has been asked for. */
  asked(what?: "keys" | "discovery"): number;
  /** A token of its own. What is `undefined` is left out. */
  sign(claims?: Json, header?: Json, key?: CryptoKey): Promise<string>;
  /** Signs with a new key from now on, and publishes that one alone. */
  rotate(alg?: Alg): Promise<void>;
  /** What the key set holds, in place of its own key. */
  publish(keys: unknown[]): void;
  /** Its present public key, as a JWK and as PEM. */
  publicKey(): Promise<{ jwk: Json; pem: string }>;
  /** How the key set, or all of it, is answered from now on; with nothing, as it should be. */
  misbehave(how?: Misbehaviour, what?: "keys" | "everything"): void;
  /** The type that its documents have from now on; empty: none. */
  serveAs(type: string): void;
  /** What the discovery document says beside, or against, the usual. */
  discover(changes: Json): void;
}

/**
 * An OpenID provider on a local port.
 * @param path what comes after the host in the issuer's URL
 */
export async function startIssuer({
  path = "",
  alg = "RS256",
}: {
  path?: string;
  alg?: Alg;
} = {}): Promise<RunningIssuer> {
  let key = await createKey(alg);
  let published: unknown[] | undefined;
  let changes: Json = {};
  let misbehaviour: { how: Misbehaviour; what: "keys" | "everything" } | undefined;
  const counted = { keys: 0, discovery: 0 };
  let type = "application/json; charset=utf-8";
  const json = (body: unknown) => reply(200, JSON.stringify(body), type ? { "content-type": type } : {});

  const upstream = await startUpstream((socket, seen) => {
    const address = seen.head.split(" ")[1] ?? "";
    const what = address.endsWith("/openid-configuration") ? "discovery" : "keys";
    counted[what]++;
    if (misbehaviour && (misbehaviour.what === "everything" || what === "keys")) {
      return misbehaviour.how(socket, seen);
    }
    if (what === "keys") return json({ keys: published ?? [key.jwk] })(socket, seen);
    return json({ issuer: iss, jwks_uri: `${upstream.url}/keys`, ...changes })(socket, seen);
  });
  const iss = upstream.url + path;

  return {
    url: iss.replace(/\/$/, ""),
    iss,
    upstream,
    asked: (what = "keys") => counted[what],
    sign: (claims = {}, header = {}, privateKey = key.privateKey) => {
      const all = { iss, sub: "u1", aud: "client-1", iat: inSeconds(0), exp: inSeconds(3600), ...claims };
      return new SignJWT(given(all))
        .setProtectedHeader({ alg: key.alg, ...given({ typ: "JWT", kid: key.kid, ...header }) })
        .sign(privateKey);
    },
    rotate: async (next = alg) => {
      key = await createKey(next);
    },
    publish: (keys) => {
      published = keys;
    },
    publicKey: async () => ({ jwk: key.jwk, pem: await exportSPKI(key.publicKey) }),
    misbehave: (how, what = "keys") => {
      misbehaviour = how && { how, what };
    },
    serveAs: (next) => {
      type = next;
    },
    discover: (next) => {
      changes = next;
    },
    [Symbol.asyncDispose]: () => upstream.close(),
  };
}

async function createKey(alg: Alg): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = crypto.randomUUID();
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

const given = (values: Json): Json =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
