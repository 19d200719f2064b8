import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Failures } from "../../../server/import/failures.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("the failures of an import that is resumed", () => {
  let path: string;
  let bytes: number;
  beforeEach(() => {
    const folder = temporaryFolder();
    onTestFinished(() => folder.remove());
    path = folder.file("users.failed.csv");
    const first = new Failures(path, ["id"], 0);
    first.add(2, ["early"], "odd");
    bytes = first.bytes;
    first.add(3, ["after the checkpoint"], "odd");
    first.close();
  });

  const resume = () => {
    const second = new Failures(path, ["id"], bytes);
    second.add(4, ["late"], "odd");
    second.close();
    expect(second.bytes).toBe(Buffer.byteLength(readFileSync(path)));
    return readFileSync(path, "utf8");
  };

  test("come behind those that count", () => {
    expect(resume()).toBe("id,error\nearly,line 2: odd\nlate,line 4: odd\n");
  });

  test("are a file of their own where the earlier one was deleted", () => {
    rmSync(path);
    expect(resume()).toBe("id,error\nlate,line 4: odd\n");
  });

  test("come behind what was left of the earlier ones", () => {
    writeFileSync(path, "id,error\n");
    expect(resume()).toBe("id,error\nlate,line 4: odd\n");
  });
});
