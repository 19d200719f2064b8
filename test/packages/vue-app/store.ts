import { useVambeIdentity } from "vambe-identity/vue";
import { createApp, effectScope, ref } from "vue";

/** A store as Pinia makes them: it has a scope of its own, and the component that is the first to use it goes away. */
export function openStore() {
  const user = ref<{ id: string } | null>();
  const scope = effectScope(true);
  const proof = () => fetch("/vambe-proof", { method: "POST" }).then((response) => response.text());
  const first = createApp({
    setup() {
      scope.run(() => useVambeIdentity(user, { getProof: proof, server: "https://id.example.com" }));
      return () => null;
    },
  });
  first.mount(document.createElement("div"));
  first.unmount();
  return {
    async signIn(id: string) {
      await fetch(`/login/${id}`, { method: "POST" });
      user.value = { id };
    },
    close: () => scope.stop(),
  };
}
