import { chat, chatWithoutExchange } from "./chat.ts";
import { playDemoIn } from "./demo-scenario.ts";
import { signedInUser } from "./signed-in-user.ts";
import { vambeDiffers } from "./vambe-differs.ts";
import { vambeFails } from "./vambe-fails.ts";

playDemoIn("Chromium", signedInUser, chat, chatWithoutExchange, vambeFails, vambeDiffers);
