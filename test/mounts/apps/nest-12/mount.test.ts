import { theSameRequests } from "../../harness/same-requests.ts";
import { mount } from "./mount.ts";

theSameRequests(mount);
