export const neighbours = () => {};
