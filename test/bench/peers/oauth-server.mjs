// A token endpoint as an OAuth server from npm has it, its tokens in memory. Prints its port.
import { Provider } from "oidc-provider";

const [secret] = process.argv.slice(2);
const provider = new Provider("http://id.example.com", {
  clients: [
    {
      client_id: "site",
      client_secret: secret,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
});
const server = provider.listen(0, "127.0.0.1", () => console.log(server.address().port));
