import { index, route } from "@react-router/dev/routes";

export default [
  index("./routes/home.jsx"),
  // mount: app/routes.ts
  route("identity/*", "./routes/identity.js"),
  // :mount
];
