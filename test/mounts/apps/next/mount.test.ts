import { theSameRequests } from "../../harness/same-requests.ts";
import { bodies } from "../../requests/bodies.ts";
import { ends } from "../../requests/ending.ts";
import { widgetFiles } from "../../requests/files.ts";
import { hosts } from "../../requests/host.ts";
import { identifies } from "../../requests/identify.ts";
import { missingDatabase } from "../../requests/missing-database.ts";
import { belowBasePath, scriptTag, withoutSettings } from "./build.ts";
import { below, mount, standalone, webpack } from "./mount.ts";

theSameRequests(mount);
theSameRequests(standalone, [
  identifies,
  widgetFiles,
  bodies,
  hosts,
  scriptTag,
  withoutSettings,
  ends,
  missingDatabase,
]);
theSameRequests(webpack, [identifies, widgetFiles, hosts, scriptTag, ends]);
theSameRequests(below, [belowBasePath]);
