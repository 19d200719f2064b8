/** A command and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** What the machine has to have. */
export interface Program {
  /** As people call it. */
  name: string;
  /** Whether it is there. */
  isThere(): boolean;
  /** How to get it, in a sentence. */
  install: string;
}

/** Where an example runs. */
export interface Place {
  /** A copy of the example's folder, for this run alone. */
  folder: string;
  /** Of the example's own server, on the loopback interface. */
  port: number;
  /** Where a browser finds it. */
  url: string;
  /** What its processes are told. */
  environment: Record<string, string>;
}

/** How one of the folders beside this one is installed and started. */
export interface Example {
  needs: readonly Program[];
  /** Where it serves the exchange itself, such as `/identity`. Without it, the exchange is a process beside it. */
  exchangeAt?: string;
  /** Traits that go to custom fields at Vambe, beside `plan`. */
  fields?: readonly string[];
  /** Whether this package is installed into it, from a tarball, with npm. */
  npm?: boolean;
  /** Commands to be run in the folder before it starts, one after the other: a build, say. */
  build?: readonly Command[];
  /**
   * Whatever else it needs before it starts, such as a database; it may add to the environment. Returns how to take it
   * away.
   */
  prepare?(place: Place): Promise<() => Promise<void>>;
  /** What starts it, in its folder; it listens on `place.port`. */
  start(place: Place): Command;
}
