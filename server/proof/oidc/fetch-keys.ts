import { z } from "zod/mini";
import { FetchFailure, type Lookup } from "../../guarded-fetch/guarded-connection.ts";
import { fetchDeadline, guardedGet } from "../../guarded-fetch/guarded-get.ts";
import { isLoopbackHost } from "../../guarded-fetch/secure-url.ts";
import { type Issuer, withoutSlash } from "./issuer.ts";
import { KeySet } from "./key-set.ts";

const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });

export interface PublishedKeys {
  /** As the issuer itself writes it: with or without a slash at the end. */
  name: string;
  keys: KeySet;
}

/**
 * An issuer's keys: from where the operator says, or else from where its discovery document says. What the operator
 * has written may be in a private network; what a document names may not.
 * @throws {FetchFailure}
 */
export async function fetchKeys(
  { url, jwksUrl }: Pick<Issuer, "url" | "jwksUrl">,
  lookup?: Lookup,
): Promise<PublishedKeys> {
  const read = reader(jwksUrl ?? url, jwksUrl !== undefined, lookup);
  if (jwksUrl !== undefined) return { name: url, keys: await readKeys(jwksUrl, read) };
  const json = await read(`${withoutSlash(url)}/.well-known/openid-configuration`);
  const document = discovery.safeParse(json).data;
  if (!document) throw new FetchFailure("its discovery document has no issuer or no jwks_uri");
  if (withoutSlash(document.issuer) !== withoutSlash(url)) {
    throw new FetchFailure(`its discovery document names another issuer${shown(document.issuer)}`);
  }
  return { name: document.issuer, keys: await readKeys(document.jwks_uri, read) };
}

type Read = (address: string) => Promise<unknown>;

async function readKeys(address: string, read: Read): Promise<KeySet> {
  const keys = KeySet.read(await read(address));
  if (!keys) throw new FetchFailure("its key set is not one");
  return keys;
}

/** Both documents together take no longer than one. */
function reader(written: string, privateNetworks: boolean, lookup: Lookup | undefined): Read {
  const options = {
    reach: { loopback: isLoopbackHost(new URL(written).hostname), privateNetworks },
    headers: { accept: "application/json, application/jwk-set+json" },
    anyType: true,
    signal: fetchDeadline(),
    ...(lookup ? { lookup } : {}),
  };
  return async (address) => {
    const { status, json } = await guardedGet(address, options);
    if (status !== 200) throw new FetchFailure(`it answers with ${status}`);
    return json;
  };
}

/** A name is no secret, and an operator has to see the letter that differs. Whatever else stands there is not shown. */
const shown = (name: string) =>
  /^https?:\/\/[\w.:[\]-]+(\/[\w.~%{}-]*){0,9}$/.test(name) && name.length <= 200 ? `: ${name}` : "";
