import { absence } from "./scenarios/absence.ts";
import { anyClock } from "./scenarios/any-clock.ts";
import { backAndForward } from "./scenarios/back-and-forward.ts";
import { badge } from "./scenarios/badge.ts";
import { changesOfUser } from "./scenarios/changes-of-user.ts";
import { contentPolicy } from "./scenarios/content-policy.ts";
import { echoes } from "./scenarios/echoes.ts";
import { hostileCss } from "./scenarios/hostile-css.ts";
import { lateAnswers } from "./scenarios/late-answers.ts";
import { loading } from "./scenarios/loading.ts";
import { manyCalls } from "./scenarios/many-calls.ts";
import { manyTabs } from "./scenarios/many-tabs.ts";
import { network } from "./scenarios/network.ts";
import { nothingGrows } from "./scenarios/nothing-grows.ts";
import { oneExchangeForAllTabs } from "./scenarios/one-exchange-for-all-tabs.ts";
import { renewalAndLogin } from "./scenarios/renewal-and-login.ts";
import { settings } from "./scenarios/settings.ts";
import { storage } from "./scenarios/storage.ts";
import { storageThatRefuses } from "./scenarios/storage-that-refuses.ts";
import { time } from "./scenarios/time.ts";
import { webchat } from "./scenarios/webchat.ts";

export const everyScenario = [
  contentPolicy,
  hostileCss,
  badge,
  loading,
  manyCalls,
  manyTabs,
  oneExchangeForAllTabs,
  settings,
  storage,
  network,
  time,
  backAndForward,
  webchat,
  lateAnswers,
  renewalAndLogin,
  absence,
  storageThatRefuses,
  echoes,
  anyClock,
  changesOfUser,
  nothingGrows,
];
