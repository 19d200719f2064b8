import type { Mount } from "../../harness/mount.ts";
import { mount as nest } from "../nest/mount.ts";

/** The same app. */
export const mount: Mount = { ...nest, name: "Nest 12", libraries: "nest-12" };
