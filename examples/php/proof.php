<?php
declare(strict_types=1);

/** A proof of who is signed in: a JWT, signed with the secret that the exchange has too. It holds for ten minutes. */
function vambe_proof(array $user, string $secret): string
{
    $now = time();
    $claims = [
        'sub' => (string) $user['id'],
        'name' => $user['name'],
        'email' => $user['email'],
        'plan' => $user['plan'],
        'aud' => 'vambe-identity',
        'iat' => $now,
        'exp' => $now + 600,
        'jti' => bin2hex(random_bytes(16)),
    ];
    $signed = base64url(json(['alg' => 'HS256', 'typ' => 'JWT'])) . '.' . base64url(json($claims));
    return $signed . '.' . base64url(hash_hmac('sha256', $signed, $secret, true));
}

/** JSON that may also stand inside a script. */
function json($value): string
{
    return json_encode($value, JSON_HEX_TAG | JSON_THROW_ON_ERROR);
}

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}
