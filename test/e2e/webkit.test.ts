import { chat } from "./chat.ts";
import { playDemoIn } from "./demo-scenario.ts";
import { signedInUser } from "./signed-in-user.ts";
import { vambeDiffers } from "./vambe-differs.ts";
import { vambeFails } from "./vambe-fails.ts";

playDemoIn("WebKit", signedInUser, chat, vambeFails, vambeDiffers);
