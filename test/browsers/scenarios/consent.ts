export const consent = () => {};
