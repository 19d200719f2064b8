import { afterNextRender, Component, DestroyRef, inject, signal } from "@angular/core";
import { VambeIdentity } from "vambe-identity/angular";
import { mountBadge } from "vambe-identity/widget";
import { Account, Session } from "./account.ts";

const people = {
  ana: { id: "ana-1", name: "Ana Rivera", plan: "premium" },
  bruno: { id: "bruno-2", name: "Bruno Costa", plan: "free" },
};
type Person = (typeof people)["ana"];

const anotherObject = ({ id, name, plan }: Person) => ({ plan, name, id });

/** A site with a login: whoever its server says is signed in is handed to the service. */
@Component({
  selector: "shop-app",
  imports: [Account],
  template: `
    @if (shown()) {
      <shop-account />
    }
    <output>{{ everywhere.status() }}</output>
    <button type="button" (click)="signIn('ana')">I am Ana</button>
    <button type="button" (click)="signIn('bruno')">I am Bruno</button>
    <button type="button" (click)="user.set(people.ana)">I say I am Ana</button>
    <button type="button" (click)="alter(anotherObject)">Another object</button>
    <button type="button" (click)="alter(anotherPlan)">Another plan</button>
    <button type="button" (click)="shown.set(!shown())">Unmount</button>
    <button type="button" (click)="user.set(null)">Sign out</button>
    <button type="button" (click)="everywhere.reset()">Reset</button>
  `,
})
export class App {
  protected readonly people = people;
  protected readonly anotherObject = anotherObject;
  protected readonly anotherPlan = (same: Person) => ({ ...same, plan: "basic" });
  protected readonly user = inject(Session).user;
  protected readonly shown = signal(true);
  protected readonly everywhere = inject(VambeIdentity);

  constructor() {
    const destroyed = inject(DestroyRef);
    afterNextRender(() => destroyed.onDestroy(mountBadge({ placement: "bottom-left", lang: "en" })));
  }

  protected async signIn(name: keyof typeof people) {
    await fetch(`/login/${people[name].id}`, { method: "POST" });
    this.user.set(people[name]);
  }

  protected alter(change: (same: Person) => Person) {
    this.user.update((same) => same && change(same));
  }
}
