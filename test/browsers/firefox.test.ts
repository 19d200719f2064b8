import { everyScenario } from "./every-scenario.ts";
import { playIn } from "./scenario.ts";

playIn("Firefox", ...everyScenario);
