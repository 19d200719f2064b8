import { logIn, logOut } from "./actions";
import { Chat } from "./chat";
import { currentUser } from "./session";
import { USERS } from "./users";

export default async function Page() {
  const user = await currentUser();
  return (
    <main>
      <h1>Next.js</h1>
      {user ? (
        <>
          <p>
            You are signed in as <b>{user.name}</b>, plan {user.plan}.
          </p>
          <form action={logOut}>
            <button type="submit">Log out</button>
          </form>
        </>
      ) : (
        <p>Nobody is signed in.</p>
      )}
      <form action={logIn}>
        <label htmlFor="user">Sign in as</label>
        <select id="user" name="user">
          {USERS.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <button type="submit">Log in</button>
      </form>
      <Chat user={user} />
    </main>
  );
}
