export const unseen = () => {};
