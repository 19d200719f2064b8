import { createApp, createSSRApp } from "vue";
import App from "./app.vue";
import { openStore } from "./store.ts";

const root = document.getElementById("root");
if (!root) throw new Error("no #root");
const app = root.hasChildNodes() ? createSSRApp(App) : createApp(App);
app.mount(root);
if (location.hash === "#store") Object.assign(window, { store: openStore() });
