import { theSameRequests } from "../../harness/same-requests.ts";
import { widgetFiles } from "../../requests/files.ts";
import { identifies } from "../../requests/identify.ts";
import { told } from "../../requests/told.ts";
import { mount } from "./mount.ts";

theSameRequests(mount, [identifies, widgetFiles, told]);
