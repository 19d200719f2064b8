import { absence } from "./scenarios/absence.ts";
import { anyClock } from "./scenarios/any-clock.ts";
import { asleep } from "./scenarios/asleep.ts";
import { backAndForward } from "./scenarios/back-and-forward.ts";
import { badge } from "./scenarios/badge.ts";
import { changesOfUser } from "./scenarios/changes-of-user.ts";
import { consent } from "./scenarios/consent.ts";
import { consentAndWebchat } from "./scenarios/consent-and-webchat.ts";
import { contentPolicy } from "./scenarios/content-policy.ts";
import { declared } from "./scenarios/declared.ts";
import { echoes } from "./scenarios/echoes.ts";
import { hostileCss } from "./scenarios/hostile-css.ts";
import { lateAnswers } from "./scenarios/late-answers.ts";
import { loading } from "./scenarios/loading.ts";
import { logOutAlways } from "./scenarios/log-out-always.ts";
import { manyCalls } from "./scenarios/many-calls.ts";
import { manyTabs } from "./scenarios/many-tabs.ts";
import { neighbours } from "./scenarios/neighbours.ts";
import { network } from "./scenarios/network.ts";
import { nothingGrows } from "./scenarios/nothing-grows.ts";
import { recipes } from "./scenarios/recipes.ts";
import { renewalAndLogin } from "./scenarios/renewal-and-login.ts";
import { settings } from "./scenarios/settings.ts";
import { storage } from "./scenarios/storage.ts";
import { storageThatRefuses } from "./scenarios/storage-that-refuses.ts";
import { swapped } from "./scenarios/swapped.ts";
import { time } from "./scenarios/time.ts";
import { unseen } from "./scenarios/unseen.ts";
import { webchat } from "./scenarios/webchat.ts";

export const everyScenario = [
  contentPolicy,
  hostileCss,
  badge,
  loading,
  manyCalls,
  manyTabs,
  settings,
  recipes,
  storage,
  network,
  time,
  backAndForward,
  webchat,
  logOutAlways,
  declared,
  swapped,
  unseen,
  asleep,
  neighbours,
  consent,
  consentAndWebchat,
  lateAnswers,
  renewalAndLogin,
  absence,
  storageThatRefuses,
  echoes,
  anyClock,
  changesOfUser,
  nothingGrows,
];
