<?php
declare(strict_types=1);

require __DIR__ . '/proof.php';

// Where a real site asks its database.
const USERS = [
    'user-ana-01' => ['id' => 'user-ana-01', 'name' => 'Ana Rivera', 'email' => 'ana@example.com', 'plan' => 'free'],
    'user-bruno-02' => ['id' => 'user-bruno-02', 'name' => 'Bruno Costa', 'email' => 'bruno@example.com', 'plan' => 'pro'],
];

$secret = getenv('VAMBE_IDENTITY_SECRET');
$exchange = getenv('VAMBE_PUBLIC_URL');
if (!$secret || !$exchange) {
    throw new RuntimeException('VAMBE_IDENTITY_SECRET and VAMBE_PUBLIC_URL have to be set');
}

session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'use_strict_mode' => true]);
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    session_regenerate_id(true);
    if ($path === '/login') {
        $chosen = $_POST['user'] ?? '';
        $_SESSION['user'] = is_string($chosen) ? $chosen : '';
    } elseif ($path === '/logout') {
        session_destroy();
    }
    header('Location: /', true, 303);
    exit;
}

// The user comes from the session, never from what the page says.
$user = USERS[$_SESSION['user'] ?? ''] ?? null;
// What is sent belongs to one user: no cache may hand it to another.
header('Cache-Control: private, no-store');

if ($path === '/vambe-proof') {
    // For pages that stay open: a fresh proof, before the first one is too old.
    header('Content-Type: text/plain');
    http_response_code($user ? 200 : 401);
    echo $user ? vambe_proof($user, $secret) : '';
    exit;
}
if ($path !== '/') {
    http_response_code(404);
    exit('Not found');
}

$known = $user ? ['id' => $user['id'], 'proof' => vambe_proof($user, $secret)] : null;
require __DIR__ . '/page.php';
