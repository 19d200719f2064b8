/** `vambe-identity/client`: Vambe's API and a running exchange, for a backend. */
export type { IgnoredReason, IgnoredTrait } from "../answers.ts";
export type { Company, FieldValue, SignedUser } from "../sign/signed-user.ts";
export type { Contact, ContactToUpsert, CustomFieldValue, PhoneContact, WebchatContact } from "./contact.ts";
export {
  ExchangeError,
  type IdentifiedUser,
  type IdentifyUserOptions,
  identifyUser,
} from "./identify-user.ts";
export {
  type CallOptions,
  createVambeClient,
  type Metadata,
  type VambeClient,
  type VambeClientOptions,
} from "./vambe-client.ts";
export { VambeError, type VambeErrorCode } from "./vambe-error.ts";
