import { hydrate, mount } from "svelte";
import App from "./app.svelte";

const target = document.getElementById("root");
if (!target) throw new Error("no #root");
if (target.hasChildNodes()) hydrate(App, { target });
else mount(App, { target });
