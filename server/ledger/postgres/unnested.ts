/**
 * Arrays as rows, one column for each. The server is not told how long they are, since it would go by that: a statement that it
 * has a plan for costs it less than half of one that it plans, and a plan is kept only where it looks as good for any number of
 * rows as for these.
 * @param types of the arrays' members
 * @param first the number of the parameter that is the first array
 */
export const unnested = (types: readonly string[], first = 1): string =>
  `unnest(${types.map((type, at) => `(SELECT $${first + at}::${type}[])`).join(", ")})`;
