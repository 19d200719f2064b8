<?php
/** Makes the database and installs WordPress in it, with the sample users, the theme and the plugin. */

const PATIENCE_SECONDS = 30;

mysqli_report( MYSQLI_REPORT_OFF );
$socket   = getenv( 'DB_SOCKET' );
$deadline = time() + PATIENCE_SECONDS;
do {
	$database = mysqli_connect( 'localhost', getenv( 'DB_USER' ), '', '', 0, $socket );
	$database || usleep( 50000 );
} while ( ! $database && time() < $deadline );
if ( ! $database || ! $database->query( 'CREATE DATABASE wordpress CHARACTER SET utf8mb4' ) ) {
	fwrite( STDERR, 'The database cannot be used: ' . ( $database ? $database->error : mysqli_connect_error() ) . "\n" );
	exit( 1 );
}

define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = parse_url( getenv( 'SITE_URL' ), PHP_URL_HOST );
require dirname( __DIR__ ) . '/wordpress/wp-config.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

$password = getenv( 'SITE_PASSWORD' );
wp_install( 'WordPress', 'admin', 'admin@example.com', true, '', $password );
switch_theme( 'example' );
// They would come from the internet.
update_option( 'show_avatars', 0 );
update_option( 'active_plugins', array( 'vambe-identity/vambe-identity.php' ) );
$settings = array(
	'url'    => getenv( 'VAMBE_PUBLIC_URL' ),
	'secret' => getenv( 'VAMBE_IDENTITY_SECRET' ),
	'badge'  => 'bottom-left',
);
update_option( 'vambe_identity', $settings );

foreach ( array( array( 'ana', 'Ana Rivera', 'free' ), array( 'bruno', 'Bruno Costa', 'pro' ) ) as list( $login, $name, $plan ) ) {
	$user = array(
		'user_login'   => $login,
		'user_pass'    => $password,
		'user_email'   => $login . '@example.com',
		'display_name' => $name,
		'role'         => 'subscriber',
		'meta_input'   => array( 'plan' => $plan ),
	);
	$id   = wp_insert_user( $user );
	if ( is_wp_error( $id ) ) {
		fwrite( STDERR, $id->get_error_message() . "\n" );
		exit( 1 );
	}
}
