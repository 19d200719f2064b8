import { everyScenario } from "./every-scenario.ts";
import { playIn } from "./scenario.ts";

playIn("Chromium", ...everyScenario);
