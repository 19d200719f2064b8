const { STANDALONE, BASE_PATH } = process.env;

/** Each as a test asks for it: the folder that can be moved to another machine; an app below a path of its own. */
export default {
  output: STANDALONE ? "standalone" : undefined,
  ...(BASE_PATH && {
    basePath: BASE_PATH,
    trailingSlash: true,
  }),
};
