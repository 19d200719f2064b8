/** How long a token is good for, in seconds. */
export const TOKEN_LIFE_S = 15 * 60;
