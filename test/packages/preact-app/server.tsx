/** @jsxImportSource preact */
import { renderToString } from "preact-render-to-string";
import { App } from "./app.tsx";

console.log(renderToString(<App />));
