import type { ProblemTexts } from "./problem-text.ts";

/** Spanish, as developers in Latin America write it. */
export const es: ProblemTexts = {
  "malformed-json": {
    title: "El cuerpo no es JSON",
    remedy: 'Envía el cuerpo como un solo objeto JSON en UTF-8: { "user": { "id": "…" }, "proof": "…" }.',
  },
  "invalid-user": {
    title: "El usuario no es válido",
    remedy:
      "Mira `errors` en la respuesta: dice qué campos están mal y por qué. Solo `id` es obligatorio; lo que no sepas, omítelo o déjalo en null.",
  },
  "body-too-large": {
    title: "El cuerpo es demasiado grande",
    remedy: "El cuerpo debe ocupar menos de 32 KB. Envía menos campos personalizados, o más cortos.",
  },
  "headers-too-large": {
    title: "Los encabezados son demasiado grandes",
    remedy:
      "Todos los encabezados de una solicitud juntos deben ocupar menos de 32 KB. Casi siempre la causa son las cookies del dominio del sitio: elimina las viejas, o sirve el exchange desde un subdominio al que no se envíen. El mismo problema aparece en el log, sin el ID de la solicitud.",
  },
  "not-json": {
    title: "El cuerpo debe enviarse como JSON",
    remedy: "Usa el encabezado Content-Type: application/json. No se aceptan formularios ni text/plain.",
  },
  "origin-not-allowed": {
    title: "Esta página no puede identificar usuarios",
    remedy:
      "Agrega el origen de la página a VAMBE_ALLOWED_ORIGINS, tal como aparece en la barra de direcciones del navegador (https://www.example.com, sin ruta), y reinicia el exchange. https://*.example.com vale por cualquier subdominio, de un solo nivel. Una página file:// o un iframe con sandbox no tienen origen y no se pueden autorizar.",
  },
  "proof-missing": {
    title: "El usuario llega sin prueba",
    remedy:
      'Haz que tu backend firme un JWT para el usuario que inició sesión y pásalo como `proof` a VambeIdentify. Para un primer intento en tu propia máquina, VAMBE_ALLOW_UNVERIFIED=true acepta ids sin prueba. Con VAMBE_SESSION_URL, lo que no llegó es la cookie: pon data-credentials="include" en la etiqueta script y sirve el exchange desde el dominio del propio sitio.',
  },
  "proof-malformed": {
    title: "La prueba no es un JWT de un tipo aceptado",
    remedy:
      "Envía un JWT compacto: HS256 con VAMBE_IDENTITY_SECRET, o RS256, ES256 o EdDSA del emisor que está en VAMBE_OIDC_ISSUER. Se rechazan los tokens sin firma (alg: none), con otro `typ`, con extensiones críticas o con una clave en el encabezado. También los access tokens, los logout tokens y los tokens ligados a una clave (envía el ID token), y el token que emite este mismo exchange.",
  },
  "proof-signature": {
    title: "La firma de la prueba no es válida",
    remedy:
      "Firma con el mismo secreto que el exchange tiene en VAMBE_IDENTITY_SECRET: el texto tal cual, sin decodificarlo de base64 ni de hex, y sin el salto de línea o las comillas que puede traer de un archivo. Si cambias el secreto, deja el anterior en la lista hasta que no quede abierta ninguna página firmada con él. Si son ID tokens, compara su `iss` y su `kid` con VAMBE_OIDC_ISSUER y con las claves que publica ese emisor.",
  },
  "proof-expired": {
    title: "La prueba venció",
    remedy:
      "Firma una prueba nueva en cada carga de página, o pasa getProof para que la página pueda pedir otra. Si también se rechaza una prueba recién firmada, compara los relojes de los dos servidores.",
  },
  "proof-lifetime": {
    title: "Las fechas de la prueba no son aceptables",
    remedy:
      "Pon en `exp` un timestamp Unix en segundos, como máximo una hora en el futuro (con diez minutos sobra), y que `iat` y `nbf` no estén en el futuro: compara los relojes de los dos servidores. Un error común es usar milisegundos. Los ID tokens de un emisor pueden durar hasta 24 horas, y necesitan un `iat`.",
  },
  "proof-audience": {
    title: "La prueba es para otro destinatario",
    remedy:
      'En las pruebas que firma tu backend, `aud` debe ser "vambe-identity". Si son ID tokens de un emisor, VAMBE_OIDC_AUDIENCE debe incluir su `aud`, el client id, y también su `azp` y su `client_id` cuando los traen; los de Clerk solo traen `azp`. Un token hecho para otro servicio no sirve aquí como prueba.',
  },
  "proof-claims": {
    title: "Los claims de la prueba no son válidos",
    remedy:
      "Mira `errors` en la respuesta. `sub`, o el claim que indica VAMBE_OIDC_ID_CLAIM, debe ser el id del usuario, como string; `iss`, un emisor de VAMBE_OIDC_ISSUER, letra por letra; `name`, `email` y `plan`, strings; `fields`, un objeto de campos personalizados.",
  },
  "proof-other-user": {
    title: "La prueba es de otro usuario",
    remedy:
      "El `id` que pasa la página y el `sub` de la prueba (en un ID token, el claim que indica VAMBE_OIDC_ID_CLAIM) deben ser el mismo. Cuando cambie el usuario, pide una prueba nueva antes de llamar a VambeIdentify.",
  },
  "proof-used": {
    title: "La prueba ya se usó",
    remedy:
      "Con VAMBE_PROOF_ONCE cada prueba sirve una sola vez. Firma una nueva, con otro `jti`, en cada carga de página, o pasa getProof.",
  },
  "proof-user-hash": {
    title: "El user_hash no corresponde al id",
    remedy:
      "`user_hash` es el HMAC-SHA256 del id, como texto, en hex (64 dígitos), con el secreto de VAMBE_USER_HASH_SECRET como clave. Sin esa variable, es lo que genera hashUser de vambe-identity/sign con VAMBE_IDENTITY_SECRET.",
  },
  "session-none": {
    title: "El visitante no ha iniciado sesión en el sitio",
    remedy:
      'El endpoint del sitio (VAMBE_SESSION_URL) no reconoció a ningún usuario por las cookies del visitante. Llama a VambeIdentify solo después del inicio de sesión, pon data-credentials="include" en la etiqueta script y haz que la cookie de sesión llegue al exchange: mismo sitio, SameSite=Lax o None, y un Domain que abarque a los dos.',
  },
  "issuer-unavailable": {
    title: "La prueba no se puede verificar ahora",
    remedy:
      "No se pueden obtener las claves del emisor (VAMBE_OIDC_ISSUER) o la respuesta del endpoint del sitio (VAMBE_SESSION_URL). La causa está en el log del exchange. El widget vuelve a intentarlo por su cuenta.",
  },
  "rate-limited": {
    title: "Demasiadas solicitudes",
    remedy:
      "Espera lo que indica Retry-After. A una página le basta una identificación por carga: busca si hay un bucle. VAMBE_RATE_LIMIT fija el límite y los rechazos se cuentan aparte. Detrás de un proxy hay que configurar VAMBE_TRUST_PROXY; si no, todos los visitantes cuentan como uno solo.",
  },
  "not-fetch": {
    title: "La solicitud no se hizo con fetch",
    remedy:
      "Las identificaciones las envía el script del widget. Se rechazan los formularios, las navegaciones y los iframes.",
  },
  "not-found": {
    title: "Aquí no hay nada",
    remedy:
      "El widget está en /vambe-identity.js y las identificaciones van a POST /identify. Revisa data-server en la etiqueta script.",
  },
  "method-not-allowed": {
    title: "Este método no se permite aquí",
    remedy: "Usa el método que indica el encabezado Allow.",
  },
  "storage-unavailable": {
    title: "No se pudo guardar la identificación",
    remedy:
      "No se aceptó nada. El exchange no puede escribir en su base de datos (VAMBE_DATABASE_URL): busca la causa en su log, por ejemplo un disco lleno o permisos que faltan. El widget vuelve a intentarlo por su cuenta.",
  },
  "internal-error": {
    title: "Algo falló en el exchange",
    remedy: "Busca el ID de la solicitud en el log del exchange; esa línea dice qué tipo de error fue.",
  },
};
