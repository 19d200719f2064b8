import { createApp, createSSRApp } from "vue";
import App from "./app.vue";

const root = document.getElementById("root");
if (!root) throw new Error("no #root");
const app = root.hasChildNodes() ? createSSRApp(App) : createApp(App);
app.mount(root);
