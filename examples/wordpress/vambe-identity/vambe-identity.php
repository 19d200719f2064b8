<?php
/**
 * Plugin Name:       Vambe Identity
 * Description:       Tells Vambe's webchat who is signed in, by a proof that this site signs.
 * Version:           0.1.0
 * Requires at least: 5.7
 * Requires PHP:      7.4
 * License:           MIT
 * Text Domain:       vambe-identity
 *
 * What it prints is the same in every page and for every visitor, so that a page cache can do no harm: the page asks
 * this site who is signed in, by a POST that no cache keeps. A mark in a cookie that scripts can read, and that says
 * nothing but that somebody has signed in, saves visitors without a login that question.
 */

namespace VambeIdentity;

defined( 'ABSPATH' ) || exit;

require __DIR__ . '/settings.php';

const ACTION = 'vambe_identity';
const MARK   = 'vambe_identity';

/** In the page. The first line keeps calls until the widget has loaded. */
const PAGE_SCRIPT = <<<'JS'
typeof VambeIdentify === "function" || (window.VambeIdentify = Object.assign((...call) => void (VambeIdentify.q ??= []).push(call), { current: null, reset: () => VambeIdentify(null) }));
((address) => {
  const ask = async () => {
    const body = new URLSearchParams({ action: "vambe_identity" });
    const answer = await fetch(address, { method: "POST", credentials: "same-origin", body });
    if (!answer.ok) throw new Error("Who is signed in? The site answered " + answer.status);
    return answer.json();
  };
  const getProof = () => ask().then((user) => user.proof);
  if (!/(^|; )vambe_identity=1/.test(document.cookie)) VambeIdentify(null);
  else ask().then((user) => VambeIdentify(user, { getProof }), (error) => console.warn(error));
})(ADDRESS);
JS;

add_action( 'wp_head', __NAMESPACE__ . '\print_tag' );
// After a log-out WordPress shows the login page, which has no wp_head: there the visitor is forgotten.
add_action( 'login_head', __NAMESPACE__ . '\print_tag' );
add_action( 'wp_ajax_' . ACTION, __NAMESPACE__ . '\answer_who_is_signed_in' );
add_action( 'wp_ajax_nopriv_' . ACTION, __NAMESPACE__ . '\answer_who_is_signed_in' );
add_action( 'set_logged_in_cookie', __NAMESPACE__ . '\mark_login', 10, 2 );
add_action( 'init', __NAMESPACE__ . '\mark_earlier_login' );

function print_tag(): void {
	$settings = settings();
	if ( '' === $settings['url'] || '' === $settings['secret'] ) {
		return;
	}
	// Without the host: a page that was cached under another name of this site asks the one that it was loaded from.
	$address = wp_json_encode( admin_url( 'admin-ajax.php', 'relative' ), JSON_HEX_TAG );
	wp_print_inline_script_tag( str_replace( 'ADDRESS', $address, PAGE_SCRIPT ) );
	$attributes = array(
		'src'   => $settings['url'] . '/vambe-identity.js',
		'async' => true,
	);
	if ( '' !== $settings['badge'] ) {
		$attributes['data-badge'] = $settings['badge'];
	}
	wp_print_script_tag( $attributes );
}

/** Answers the page's question from the visitor's login, never from what the page says: `{ id, proof }`, or `null`. */
function answer_who_is_signed_in(): void {
	nocache_headers();
	if ( 'POST' !== ( $_SERVER['REQUEST_METHOD'] ?? '' ) ) {
		wp_send_json( null, 405 );
	}
	$settings = settings();
	$user     = is_user_logged_in() && '' !== $settings['secret'] ? signed_in_user( wp_get_current_user() ) : null;
	if ( ! is_user_logged_in() ) {
		// However the login has ended: by a log-out, by time, or in another browser.
		set_mark( '', 1 );
	}
	wp_send_json(
		null === $user ? null : array(
			'id'    => $user['id'],
			'proof' => proof( $user, $settings['secret'] ),
		)
	);
}

/** What Vambe is told of a user; `null` where a filter does not want it to be told. */
function signed_in_user( \WP_User $wp_user ): ?array {
	$roles = array_values( $wp_user->roles );
	$user  = array(
		'id'     => (string) $wp_user->ID,
		'name'   => $wp_user->display_name,
		'email'  => $wp_user->user_email,
		'plan'   => $roles[0] ?? '',
		'fields' => array(),
	);
	if ( class_exists( 'WC_Customer' ) ) {
		$customer       = new \WC_Customer( $wp_user->ID );
		$user['fields'] = array(
			'paying_customer' => (bool) $customer->get_is_paying_customer(),
			'order_count'     => (int) $customer->get_order_count(),
			'total_spent'     => (float) $customer->get_total_spent(),
		);
	}
	/**
	 * Changes what is signed: another `id` or `plan`, more `fields` (name => string, number or bool).
	 *
	 * @param array|null $user    `id`, `name`, `email`, `plan`, `fields`; null tells nothing.
	 * @param \WP_User   $wp_user Who is logged in.
	 */
	$user = apply_filters( 'vambe_identity_user', $user, $wp_user );
	return is_array( $user ) && '' !== (string) ( $user['id'] ?? '' ) ? $user : null;
}

/** A proof for the exchange: a JWT that holds for ten minutes, signed with the secret that the exchange has too. */
function proof( array $user, string $secret ): string {
	$now    = time();
	$traits = array_intersect_key( $user, array_flip( array( 'name', 'email', 'plan', 'fields' ) ) );
	$known  = array_filter(
		$traits,
		function ( $value ) {
			return ! in_array( $value, array( null, '', array() ), true );
		}
	);
	$claims = $known + array(
		'sub' => (string) $user['id'],
		'aud' => 'vambe-identity',
		'iat' => $now,
		'exp' => $now + 600,
		'jti' => bin2hex( random_bytes( 16 ) ),
	);
	$header = array(
		'alg' => 'HS256',
		'typ' => 'JWT',
	);
	$signed = base64url( wp_json_encode( $header ) ) . '.' . base64url( wp_json_encode( $claims ) );
	return $signed . '.' . base64url( hash_hmac( 'sha256', $signed, $secret, true ) );
}

function base64url( string $bytes ): string {
	return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
}

/** Lives as long as the login's own cookie: `$expire` is in seconds since the epoch; 0 until the browser is closed. */
function mark_login( $logged_in_cookie, $expire ): void {
	set_mark( '1', (int) $expire );
}

/** For those who had logged in before this plugin was there. */
function mark_earlier_login(): void {
	if ( is_user_logged_in() && ! isset( $_COOKIE[ MARK ] ) ) {
		set_mark( '1', 0 );
	}
}

function set_mark( string $value, int $expires ): void {
	if ( headers_sent() ) {
		return;
	}
	$options = array(
		'expires'  => $expires,
		'path'     => COOKIEPATH ?: '/',
		'domain'   => (string) COOKIE_DOMAIN,
		'secure'   => is_ssl(),
		'httponly' => false,
		'samesite' => 'Lax',
	);
	setcookie( MARK, $value, $options );
}
