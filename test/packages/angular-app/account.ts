import { Component, Injectable, inject, signal } from "@angular/core";
import { VambeIdentity } from "vambe-identity/angular";

/** `null`: nobody is signed in. `undefined`: not known yet. */
type SignedIn = { id: string; name: string; plan: string } | null | undefined;

@Injectable({ providedIn: "root" })
export class Session {
  readonly user = signal<SignedIn>(undefined);
}

async function getProof() {
  const response = await fetch("/vambe-proof", { method: "POST" });
  if (!response.ok) throw new Error(`no proof: ${response.status}`);
  return response.text();
}

@Component({
  selector: "shop-account",
  template: `
    @if (vambe.identity(); as identity) {
      <p>The chat knows {{ identity.id }}.</p>
    } @else if (vambe.error()) {
      <p>The chat does not know you: {{ vambe.error()?.code }}</p>
    } @else {
      <p>{{ vambe.status() === "identifying" ? "One moment…" : "The chat knows nobody." }}</p>
    }
  `,
})
export class Account {
  protected readonly vambe = inject(VambeIdentity);

  constructor() {
    this.vambe.follow(inject(Session).user, {
      getProof,
      server: "https://id.example.com",
    });
  }
}
