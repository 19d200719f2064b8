/** `vambe-identity/widget`: the widget for pages that are bundled. Importing it does nothing yet. */
export type {
  IdentifyError,
  IdentifyOptions,
  Identity,
  LocalErrorCode,
  User,
  VambeEvents,
  VambeIdentify,
} from "../types.ts";
export { type Configuration, configure } from "./configure.ts";
export { consent, identify, reset } from "./identify.ts";
export type { IdentityState } from "./identity-state.ts";
export { type BadgeOptions, mountBadge } from "./mount-badge.ts";
export { subscribe } from "./subscribe.ts";
export type { WebchatOptions } from "./webchat.ts";
