/** The folder that can be moved to another machine, where the test asks for it. */
export default { output: process.env.STANDALONE ? "standalone" : undefined };
