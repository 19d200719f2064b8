import { theSameRequests } from "../../harness/same-requests.ts";
import { mount, standalone, webpack } from "./mount.ts";

for (const each of [mount, standalone, webpack]) theSameRequests(each);
