/** `node --import`: the process prints a line for each collection of garbage, which `NODE_OPTIONS` cannot ask for. */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--trace-gc");
setFlagsFromString("--trace-gc-nvp");
