/** Where a page and the exchange are, as browsers see them: host names, without ports, which cookies do not know. */
export interface Hosts {
  page: string;
  exchange: string;
}

/**
 * Those of a site's cookies that mean the same when the exchange sets them: all of them where it has the page's own host,
 * else those for a domain that both are in. Another would become a cookie of the exchange's host alone, and the visitor's
 * session would go on with the old one.
 */
export const cookiesThatReach = (setCookies: readonly string[], { page, exchange }: Hosts): string[] =>
  setCookies.filter((cookie) => {
    const domain = /;\s*domain=\s*\.?([^;\s]+)/i.exec(cookie)?.[1]?.toLowerCase();
    return page === exchange || (domain !== undefined && isIn(page, domain) && isIn(exchange, domain));
  });

const isIn = (host: string, domain: string) => host === domain || host.endsWith(`.${domain}`);

/** The host in an origin or a URL; empty where there is none. */
export const hostOf = (url: string | undefined): string => URL.parse(url ?? "")?.hostname ?? "";
