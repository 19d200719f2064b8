/** What a recipe calls `systemctl`: asks the host of the test to do it (host.ts). */
const answer = await fetch(process.env.VAMBE_TEST_HOST ?? "", {
  method: "POST",
  body: JSON.stringify(process.argv.slice(2)),
});
if (!answer.ok) process.stderr.write(`${await answer.text()}\n`);
process.exitCode = answer.ok ? 0 : 1;
