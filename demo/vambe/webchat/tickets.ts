/** One line of a conversation. */
export interface ChatLine {
  from: "customer" | "agent";
  text: string;
  at: string;
}

/** What a customer of the channel wrote about before, by the site's id for the user. */
export type Tickets = Readonly<Record<string, readonly ChatLine[]>>;

const HOUR = 3_600_000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();

/** One closed ticket for each of the site's people: nothing that anybody else should read. */
export const createTickets = (): Tickets => ({
  "user-ana-01": [
    { from: "customer", text: "Hola, tengo que cambiar la dirección del pedido BR-2041.", at: hoursAgo(75) },
    { from: "agent", text: "Listo, Ana. Ahora va a la calle Esmeralda 1042, Valparaíso.", at: hoursAgo(74) },
  ],
  "user-bruno-02": [
    { from: "customer", text: "¿Me reenvían la factura de octubre? No la encuentro.", at: hoursAgo(51) },
    { from: "agent", text: "Va de nuevo: factura 8812, a nombre de Oficina Verde.", at: hoursAgo(50) },
  ],
  "user-carla-03": [
    { from: "customer", text: "¿A qué hora llegan los medicamentos refrigerados?", at: hoursAgo(27) },
    { from: "agent", text: "Entre las 16 y las 18 h. La insulina viaja en caja fría.", at: hoursAgo(26) },
  ],
});
