import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { identified } from "../../widget/stand-in-exchange.ts";
import { heldBack, keeps } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { untilCurrent } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import type { Misbehaving, Stage } from "../stage.ts";
import {
  callWithProofs,
  identifyWithProofs,
  MINUTE,
  steer,
  UNTIL_RENEWAL,
  untilPlanned,
  visitSteered,
} from "../steering.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const AN_HOUR = 60 * MINUTE;
const A_YEAR = 365 * 24 * 3600;

/** What a visitor's clock, or the exchange's, says of the hour decides nothing. Only how much time passes does. */
export function anyClock({ scenarioWithStandIn }: Scenarios): void {
  for (const [clock, ahead] of [
    ["two hours slow", -2 * AN_HOUR],
    ["twenty minutes fast", 20 * MINUTE],
    ["of 1970", -Date.now()],
  ] as const) {
    scenarioWithStandIn(`on a clock ${clock} a token is renewed when it is due, each time`, async (stage) => {
      giveProofs(stage);
      const tab = await visitSteered(stage, ahead);
      await identifyWithProofs(tab, ANA);
      for (const nth of [2, 3, 4]) await isRenewedWhenDue(stage, tab, nth);
      await keeps(tab, ANA);
    });

    scenarioWithStandIn(
      `on a clock ${clock} a thousand calls one after another are one request`,
      async (stage) => {
        const tab = await visitSteered(stage, ahead);
        await callAThousandTimes(tab);
        await steer(tab, "pass", 10 * MINUTE);
        await callAThousandTimes(tab);
        expect(stage.exchange.received).toHaveLength(1);
      },
    );
  }

  for (const [when, ms] of [
    ["ago", -A_YEAR],
    ["ahead", A_YEAR],
  ] as const) {
    scenarioWithStandIn(`a token of an exchange a year ${when} is renewed when it is due`, async (stage) => {
      giveProofs(stage);
      stage.exchange.behave(({ user }) =>
        identified(user.id, { expires_at: Math.floor(Date.now() / 1000) + 900 + ms }),
      );
      const tab = await visitSteered(stage);
      await identifyWithProofs(tab, ANA);
      await isRenewedWhenDue(stage, tab, 2);
    });
  }

  scenarioWithStandIn("a clock that is set back by an hour in the middle changes nothing", async (stage) => {
    giveProofs(stage);
    const tab = await visitSteered(stage);
    await identifyWithProofs(tab, ANA);
    await steer(tab, "pass", 5 * MINUTE);
    await steer(tab, "show");
    await steer(tab, "setClock", -AN_HOUR);
    await steer(tab, "show");
    await isRenewedWhenDue(stage, tab, 2, UNTIL_RENEWAL - 5 * MINUTE);
    await isRenewedWhenDue(stage, tab, 3);
    await keeps(tab, ANA);
  });

  scenarioWithStandIn(
    "a clock that is set back while an identify is under way changes nothing",
    async (stage) => {
      const { held, letGo } = heldBack();
      const tab = await callThatIsHeld(stage, held);
      await steer(tab, "setClock", -AN_HOUR);
      letGo();
      await untilCurrent(tab, ANA.id);
      await untilPlanned(tab);
      await isRenewedWhenDue(stage, tab, 2);
    },
  );

  scenarioWithStandIn("a token's life counts from its answer, not from the call", async (stage) => {
    const { held, letGo } = heldBack();
    const tab = await callThatIsHeld(stage, held);
    await steer(tab, "pass", 5 * MINUTE);
    letGo();
    await untilCurrent(tab, ANA.id);
    await untilPlanned(tab);
    await isRenewedWhenDue(stage, tab, 2);
  });

  scenarioWithStandIn("a token of ten seconds is renewed once a minute, not more often", async (stage) => {
    giveProofs(stage);
    stage.exchange.behave(({ user }) => identified(user.id, { expiresIn: 10 }));
    const tab = await visitSteered(stage);
    await identifyWithProofs(tab, ANA);
    for (const nth of [2, 3, 4]) await isRenewedWhenDue(stage, tab, nth, MINUTE);
  });
}

/** Each proof is another one, so each renewal can be told from the one before. */
function giveProofs({ site }: Stage<Misbehaving>): void {
  let proofs = 0;
  site.giveProof(() => `proof-${++proofs}`);
}

/** A page whose first call is under way, and is answered once `held` is over. */
async function callThatIsHeld(stage: Stage<Misbehaving>, held: Promise<void>): Promise<Tab> {
  giveProofs(stage);
  stage.exchange.behave(async ({ user }, count) => {
    if (count === 1) await held;
    return identified(user.id);
  });
  const tab = await visitSteered(stage);
  await callWithProofs(tab, ANA);
  await eventually("the call is under way", () => stage.exchange.received.length === 1);
  return tab;
}

/** Half a minute before it is due there is no renewal, and half a minute later there is one. */
async function isRenewedWhenDue(
  { exchange }: Stage<Misbehaving>,
  tab: Tab,
  nth: number,
  after = UNTIL_RENEWAL,
): Promise<void> {
  await steer(tab, "pass", after - MINUTE / 2);
  for (const wake of ["show", "ring"] as const) await steer(tab, wake);
  await sleep(300);
  expect(exchange.received).toHaveLength(nth - 1);
  await steer(tab, "pass", MINUTE);
  await steer(tab, "ring");
  await eventually("it is renewed", async () => (await steer(tab, "heard")).length === nth);
  expect(exchange.received.map(({ proof }) => proof).at(-1)).toBe(`proof-${nth}`);
  expect(exchange.received).toHaveLength(nth);
}

const callAThousandTimes = (tab: Tab) =>
  tab.evaluate(async (user) => {
    for (let count = 0; count < 1000; count++) await window.VambeIdentify?.({ ...user });
  }, ANA);
