export const prepareWordPress = async () => async () => {};
