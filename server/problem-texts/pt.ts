import type { ProblemTexts } from "./problem-text.ts";

/** Portuguese, as developers in Brazil write it. */
export const pt: ProblemTexts = {
  "malformed-json": {
    title: "O corpo não é JSON",
    remedy: 'Envie o corpo como um único objeto JSON em UTF-8: { "user": { "id": "…" }, "proof": "…" }.',
  },
  "invalid-user": {
    title: "O usuário não é válido",
    remedy:
      "Veja `errors` na resposta: ele diz quais campos estão errados e por quê. Só `id` é obrigatório; o que você não souber, omita ou deixe como null.",
  },
  "body-too-large": {
    title: "O corpo é grande demais",
    remedy: "O corpo deve ter menos de 32 KB. Envie menos campos personalizados, ou campos mais curtos.",
  },
  "headers-too-large": {
    title: "Os cabeçalhos são grandes demais",
    remedy:
      "Todos os cabeçalhos de uma requisição juntos devem ter menos de 32 KB. Quase sempre a causa são os cookies do domínio do site: remova os antigos, ou sirva o exchange em um subdomínio para o qual eles não sejam enviados. O mesmo problema aparece no log, sem o ID da requisição.",
  },
  "not-json": {
    title: "O corpo deve ser enviado como JSON",
    remedy: "Use o cabeçalho Content-Type: application/json. Formulários e text/plain são recusados.",
  },
  "origin-not-allowed": {
    title: "Esta página não pode identificar usuários",
    remedy:
      "Adicione a origem da página a VAMBE_ALLOWED_ORIGINS, exatamente como aparece na barra de endereços do navegador (https://www.example.com, sem caminho), e reinicie o exchange. https://*.example.com vale para qualquer subdomínio, de um só nível. Uma página file:// ou um iframe com sandbox não têm origem e não podem ser autorizados.",
  },
  "proof-missing": {
    title: "O usuário veio sem prova",
    remedy:
      'Faça seu backend assinar um JWT para o usuário que fez login e passe-o como `proof` para VambeIdentify. Para uma primeira tentativa na sua própria máquina, VAMBE_ALLOW_UNVERIFIED=true aceita ids sem prova. Com VAMBE_SESSION_URL, o que não chegou foi o cookie: coloque data-credentials="include" na tag script e sirva o exchange no domínio do próprio site.',
  },
  "proof-malformed": {
    title: "A prova não é um JWT de um tipo aceito",
    remedy:
      "Envie um JWT compacto: HS256 com VAMBE_IDENTITY_SECRET, ou RS256, ES256 ou EdDSA do emissor que está em VAMBE_OIDC_ISSUER. São recusados os tokens sem assinatura (alg: none), com outro `typ`, com extensões críticas ou com uma chave no cabeçalho. Também os access tokens, os logout tokens e os tokens vinculados a uma chave (envie o ID token), e o token que este próprio exchange emite.",
  },
  "proof-signature": {
    title: "A assinatura da prova não é válida",
    remedy:
      "Assine com o mesmo segredo que o exchange tem em VAMBE_IDENTITY_SECRET: o texto como está, sem decodificar de base64 nem de hex, e sem a quebra de linha ou as aspas que ele pode trazer de um arquivo. Ao trocar o segredo, mantenha o antigo na lista até não haver mais nenhuma página aberta assinada com ele. Se forem ID tokens, compare o `iss` e o `kid` deles com VAMBE_OIDC_ISSUER e com as chaves que esse emissor publica.",
  },
  "proof-expired": {
    title: "A prova expirou",
    remedy:
      "Assine uma prova nova a cada carregamento de página, ou passe getProof para que a página possa pedir outra. Se uma prova recém-assinada também for recusada, compare os relógios dos dois servidores.",
  },
  "proof-lifetime": {
    title: "As datas da prova não são aceitáveis",
    remedy:
      "Coloque em `exp` um timestamp Unix em segundos, no máximo uma hora à frente (dez minutos já bastam), e não deixe `iat` nem `nbf` no futuro: compare os relógios dos dois servidores. Um erro comum é usar milissegundos. Os ID tokens de um emissor podem valer até 24 horas, e precisam de um `iat`.",
  },
  "proof-audience": {
    title: "A prova é para outro destinatário",
    remedy:
      'Nas provas que seu backend assina, `aud` deve ser "vambe-identity". Se forem ID tokens de um emissor, VAMBE_OIDC_AUDIENCE deve incluir o `aud` deles, o client id, e também o `azp` e o `client_id` quando houver; os da Clerk só têm `azp`. Um token feito para outro serviço não vale como prova aqui.',
  },
  "proof-claims": {
    title: "As claims da prova não são válidas",
    remedy:
      "Veja `errors` na resposta. `sub`, ou a claim que VAMBE_OIDC_ID_CLAIM indica, deve ser o id do usuário, como string; `iss`, um emissor de VAMBE_OIDC_ISSUER, letra por letra; `name`, `email` e `plan`, strings; `fields`, um objeto de campos personalizados.",
  },
  "proof-other-user": {
    title: "A prova é de outro usuário",
    remedy:
      "O `id` que a página passa e o `sub` da prova (em um ID token, a claim que VAMBE_OIDC_ID_CLAIM indica) devem ser o mesmo. Quando o usuário mudar, peça uma prova nova antes de chamar VambeIdentify.",
  },
  "proof-used": {
    title: "A prova já foi usada",
    remedy:
      "Com VAMBE_PROOF_ONCE cada prova serve uma única vez. Assine uma nova, com outro `jti`, a cada carregamento de página, ou passe getProof.",
  },
  "proof-user-hash": {
    title: "O user_hash não corresponde ao id",
    remedy:
      "`user_hash` é o HMAC-SHA256 do id, como texto, em hex (64 dígitos), com o segredo de VAMBE_USER_HASH_SECRET como chave. Sem essa variável, é o que hashUser de vambe-identity/sign gera com VAMBE_IDENTITY_SECRET.",
  },
  "session-none": {
    title: "O visitante não está logado no site",
    remedy:
      'O endpoint do site (VAMBE_SESSION_URL) não reconheceu nenhum usuário pelos cookies do visitante. Chame VambeIdentify só depois do login, coloque data-credentials="include" na tag script e faça o cookie de sessão chegar ao exchange: mesmo site, SameSite=Lax ou None, e um Domain que abranja os dois.',
  },
  "issuer-unavailable": {
    title: "Não é possível verificar a prova agora",
    remedy:
      "Não é possível obter as chaves do emissor (VAMBE_OIDC_ISSUER) ou a resposta do endpoint do site (VAMBE_SESSION_URL). A causa está no log do exchange. O widget tenta de novo sozinho.",
  },
  "rate-limited": {
    title: "Requisições demais",
    remedy:
      "Espere o tempo que Retry-After indica. Uma página só precisa de uma identificação por carregamento: veja se há um loop. VAMBE_RATE_LIMIT define o limite, e as recusas são contadas à parte. Atrás de um proxy é preciso configurar VAMBE_TRUST_PROXY; sem isso, todos os visitantes contam como um só.",
  },
  "not-fetch": {
    title: "A requisição não foi feita com fetch",
    remedy:
      "As identificações são enviadas pelo script do widget. Formulários, navegações e iframes são recusados.",
  },
  "not-found": {
    title: "Não há nada aqui",
    remedy:
      "O widget está em /vambe-identity.js e as identificações vão para POST /identify. Confira data-server na tag script.",
  },
  "method-not-allowed": {
    title: "Este método não é permitido aqui",
    remedy: "Use o método que o cabeçalho Allow indica.",
  },
  "storage-unavailable": {
    title: "Não foi possível salvar a identificação",
    remedy:
      "Nada foi aceito. O exchange não consegue gravar no banco de dados (VAMBE_DATABASE_URL): procure a causa no log dele, como um disco cheio ou falta de permissão. O widget tenta de novo sozinho.",
  },
  "internal-error": {
    title: "Algo deu errado no exchange",
    remedy: "Procure o ID da requisição no log do exchange; essa linha diz qual foi o tipo de erro.",
  },
};
