/** @jsxImportSource preact */
import { hydrate, render } from "preact";
import { App } from "./app.tsx";

const root = document.getElementById("root");
if (!root) throw new Error("no #root");
if (root.hasChildNodes()) hydrate(<App />, root);
else render(<App />, root);
