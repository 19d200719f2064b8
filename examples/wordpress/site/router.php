<?php
/** For PHP's built-in server: files are what they are, everything else is WordPress'. */

$root = dirname( __DIR__ ) . '/wordpress';
$path = parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
if ( is_file( $root . $path ) || is_file( $root . rtrim( $path, '/' ) . '/index.php' ) && '/' !== $path ) {
	return false;
}
require $root . '/index.php';
